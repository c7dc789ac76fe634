import type { WireGroup, WireGroupSummary } from './contract/api-groups.ts'
import type { Gateway } from './contract/gateway-protocol.ts'
import type { AccountKey, GroupId } from './contract/ids.ts'
import { addressOfPerson } from './contract/ids.ts'
import type { Accounts } from './accounts.ts'

/** The groups of an account, as the gateway knows them or may ask for them. */
export class Groups {
  readonly #gateway: Gateway
  readonly #accounts: Pick<Accounts, 'require'>

  constructor(gateway: Gateway, accounts: Pick<Accounts, 'require'>) {
    this.#gateway = gateway
    this.#accounts = accounts
  }

  async list(key: AccountKey): Promise<WireGroupSummary[]> {
    await this.#accounts.require(key)
    const { groups } = await this.#gateway.call('groups.list', key)
    return [...groups]
  }

  async find(key: AccountKey, group: GroupId): Promise<WireGroup> {
    await this.#accounts.require(key)
    const { group: found } = await this.#gateway.call('groups.get', { ...key, group })
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
