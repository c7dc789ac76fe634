import type { WireGroup, WireGroupSummary } from './contract/api-groups.ts'
import type { Gateway } from './contract/gateway-protocol.ts'
import type { GroupId, OrgId } from './contract/ids.ts'
import { addressOfPerson, DEFAULT_ACCOUNT } from './contract/ids.ts'
import type { Accounts } from './accounts.ts'

/** The groups of an org's account, as the gateway knows them or may ask for them. */
export class Groups {
  readonly #gateway: Gateway
  readonly #accounts: Pick<Accounts, 'require'>

  constructor(gateway: Gateway, accounts: Pick<Accounts, 'require'>) {
    this.#gateway = gateway
    this.#accounts = accounts
  }

  async list(org: OrgId): Promise<WireGroupSummary[]> {
    await this.#accounts.require(org)
    const { groups } = await this.#gateway.call('groups.list', { org, account: DEFAULT_ACCOUNT })
    return [...groups]
  }

  async find(org: OrgId, group: GroupId): Promise<WireGroup> {
    await this.#accounts.require(org)
    const { group: found } = await this.#gateway.call('groups.get', { org, account: DEFAULT_ACCOUNT, group })
    const { id, subject, size, description, members } = found
    return {
      id,
      subject,
      size,
      description,
      members: members.map(({ person, admin }) => ({
        address: addressOfPerson(person),
        phone: person.phone,
        lid: person.lid,
        admin,
      })),
    }
  }
}
