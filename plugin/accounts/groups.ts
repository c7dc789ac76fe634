import type { Accounts } from './accounts.ts'
import type { WireGroup, WireGroupSummary } from '../contract/api/groups.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import type { GroupSummary } from '../contract/group.ts'
import type { Log } from '../contract/host.ts'
import { accountId, type AccountKey, addressOfPerson, type GroupId } from '../contract/ids.ts'
import type { Store } from '../store/database.ts'
import { noteSubjectNow, unknownAmong } from '../store/messages/group-subjects.ts'

/** How rarely WhatsApp is asked for subjects automatically, in ms: one request returns all groups of an account. */
const ASK_EACH_MS = 600_000
/** At most this many groups that are missing in the list are asked for one by one. */
const ASKED_ALONE = 5
/** The most subjects stored in one transaction, so that nobody waits long for the store. */
const NOTED_AT_A_TIME = 100

/** What asking for groups needs. */
export type GroupsParts = {
  readonly gateway: Gateway
  readonly accounts: Pick<Accounts, 'require'>
  readonly store: Store
  readonly log: Log
}

type Named = Pick<GroupSummary, 'id' | 'subject'>

/** The groups of an account whose subjects are known, the time of its last automatic request, and its current request. */
type Met = { readonly known: Set<GroupId>; askedAt: number; asking: Promise<void> }

/** The groups of an account, as the gateway knows them or asks WhatsApp for them. Their subjects are stored. */
export class Groups {
  readonly #parts: GroupsParts
  readonly #met = new Map<string, Met>()

  constructor(parts: GroupsParts) {
    this.#parts = parts
  }

  async list(key: AccountKey): Promise<WireGroupSummary[]> {
    const { gateway, accounts } = this.#parts
    await accounts.require(key)
    const { groups } = await gateway.call('groups.list', key)
    await this.#note(key, groups)
    return [...groups]
  }

  async find(key: AccountKey, group: GroupId): Promise<WireGroup> {
    const { gateway, accounts } = this.#parts
    await accounts.require(key)
    const { group: found } = await gateway.call('groups.get', { ...key, group })
    const { id, subject, size, description, members } = found
    await this.#note(key, [found])
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

  /** Messages have arrived in these groups. Subjects that are unknown are asked for. Nobody waits for it. */
  met(key: AccountKey, groups: readonly GroupId[]): void {
    const met = this.#of(key)
    const unknown = groups.filter(group => !met.known.has(group))
    if (unknown.length === 0) return
    met.asking = met.asking
      .then(() => this.#ask(key, unknown))
      .catch((error: unknown) => {
        this.#parts.log.debug({ ...key, ...errorFields(error) }, 'groups not asked for')
      })
  }

  /** Waits for the requests under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#met.values()].map(({ asking }) => asking))
  }

  async #ask(key: AccountKey, groups: readonly GroupId[]): Promise<void> {
    const met = this.#of(key)
    const missing = await unknownAmong(this.#parts.store.connection, key, groups)
    for (const group of groups) if (!missing.includes(group)) met.known.add(group)
    const now = performance.now()
    if (missing.length === 0 || now - met.askedAt < ASK_EACH_MS) return
    met.askedAt = now
    await this.list(key)
    // The list may be some minutes old.
    for (const group of missing.filter(each => !met.known.has(each)).slice(0, ASKED_ALONE)) await this.find(key, group)
  }

  /** Stores the subjects. A failure is logged and not thrown: the caller gets the groups all the same. */
  async #note(key: AccountKey, groups: readonly Named[]): Promise<void> {
    try {
      for (let from = 0; from < groups.length; from += NOTED_AT_A_TIME)
        await this.#noteSome(key, groups.slice(from, from + NOTED_AT_A_TIME))
    } catch (error) {
      this.#parts.log.warn({ ...key, ...errorFields(error) }, 'names of groups not kept')
    }
  }

  async #noteSome(key: AccountKey, groups: readonly Named[]): Promise<void> {
    await this.#parts.store.transaction(async transaction => {
      for (const { id, subject } of groups) await noteSubjectNow(transaction, { ...key, group: id }, subject)
    })
    const { known } = this.#of(key)
    for (const { id } of groups) known.add(id)
  }

  #of({ org, account }: AccountKey): Met {
    const name = accountId({ org, account })
    const known = this.#met.get(name)
    if (known) return known
    const met: Met = { known: new Set(), askedAt: Number.NEGATIVE_INFINITY, asking: Promise.resolve() }
    this.#met.set(name, met)
    return met
  }
}
