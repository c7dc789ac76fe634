import type { NumberedChange, SendRequest } from '../../plugin/contract/api/sends.ts'
import type { WireBinding } from '../../plugin/contract/api/bindings.ts'
import type { NumberedMessage, WireMessage } from '../../plugin/contract/api/messages.ts'
import type { ConnectionState, PairingState } from '../../plugin/contract/connection.ts'
import type { Delivery } from '../../plugin/contract/delivery.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import {
  type AccountKey,
  type AccountName,
  type Chat,
  DEFAULT_ACCOUNT,
  type OrgId,
  parseAddress,
  personAt,
  type Phone,
} from '../../plugin/contract/ids.ts'
import type { Operations } from '../../plugin/contract/operations.ts'
import { createCell, followed } from './cell.ts'
import { bindingsOf } from './binding-operations.ts'
import { type Account, type Confirmed, createAccount, linksOf, type Pairing, pairingsOf } from './link-operations.ts'
import { idle } from './idle-operations.ts'
import { noPolicies } from './policies.ts'
import { wireMessage } from './wire-message.ts'

export const PHONE = '+972500000001' as Phone
export const RECEIVED_AT = '2026-01-02T03:04:05.000Z'

/** What a test answers itself; the rest is answered from memory. */
export type OwnOperations = { readonly [Part in keyof Operations]?: Partial<Operations[Part]> }

/** Operations held in memory, and what a test does to them from the other side. */
export type MemoryOperations = Operations & {
  /** A contact writes: stored, and told to those who watch. */
  say(org: OrgId, text: string, account?: AccountName): WireMessage
  link(org: OrgId, state: ConnectionState, account?: AccountName): void
  turnPairing(org: OrgId, session: string, state: PairingState): void
  /** The next call of any operation fails in a way that nobody foresaw. */
  breakNext(error: Error): void
  readonly confirmed: Confirmed[]
  readonly sent: (AccountKey & { readonly key: string | null })[]
  /** How many messages watchers have taken, and how many watchers there are. */
  readonly watching: { taken: number; open: number }
}

function createOrg() {
  return {
    accounts: new Map<AccountName, Account>(),
    pairings: new Map<string, Pairing>(),
    bindings: [] as WireBinding[],
    deliveries: new Map<string, Delivery>(),
    keys: new Map<string, { request: string; delivery: Delivery }>(),
    log: createCell<readonly NumberedMessage[]>([]),
    changes: createCell<readonly NumberedChange[]>([]),
  }
}
type Org = ReturnType<typeof createOrg>

function chatOf(to: string): Chat {
  const address = parseAddress(to)
  if (address === null) throw new TypeError('the schema lets only addresses through')
  return address.kind === 'group'
    ? { kind: 'group', group: address.group }
    : { kind: 'direct', peer: personAt(address) }
}

const missing = () => new ChannelError('not_found')

function createWorld() {
  const orgs = new Map<OrgId, Org>()
  const confirmed: Confirmed[] = []
  const sent: (AccountKey & { key: string | null })[] = []
  const watching = { taken: 0, open: 0 }
  let ids = 0
  let broken: Error | null = null

  const at = (name: OrgId): Org => {
    if (broken !== null) {
      const error = broken
      broken = null
      throw error
    }
    const org = orgs.get(name) ?? createOrg()
    orgs.set(name, org)
    return org
  }
  const accountAt = ({ org: name, account }: AccountKey): Account => {
    const { accounts } = at(name)
    const known = accounts.get(account) ?? createAccount()
    accounts.set(account, known)
    return known
  }
  const configured = (key: AccountKey): Account => {
    const account = accountAt(key)
    if (!account.configured) throw new ChannelError('channel_not_configured')
    return account
  }
  const pairingOf = (name: OrgId, session: string) => {
    const pairing = at(name).pairings.get(session)
    if (pairing === undefined) throw missing()
    return pairing
  }
  const id = (prefix: string) => `${prefix}_${String((ids += 1)).padStart(26, '0')}`
  const breakNext = (error: Error) => {
    broken = error
  }
  return { at, accountAt, configured, pairingOf, id, confirmed, sent, watching, breakNext }
}
type World = ReturnType<typeof createWorld>

const NEXT = { position: 0, earliestAt: Date.parse(RECEIVED_AT), held: null, waitsFor: null, toName: 'Dana' }
const ENDED = { position: null, earliestAt: null, held: null, waitsFor: null, toName: 'Dana' }

function step({ changes }: Org, delivery: Delivery): void {
  const { id, account, messageId, chat, status, rejectedCode, rejectedReason, acceptedAt: at } = delivery
  const change = { id, account, messageId, chat, status, rejectedCode, rejectedReason, at }
  changes.set([...changes.get(), { seq: changes.get().length + 1, change }])
}

function acceptedOf({ org, account }: AccountKey, request: SendRequest, id: World['id']): Delivery {
  return {
    org,
    account,
    id: id('snd'),
    messageId: id('msg'),
    chat: chatOf(request.to),
    stanzaId: id('3EB0'),
    content: { kind: 'text', text: request.text ?? '' },
    status: 'accepted',
    rejectedCode: null,
    rejectedReason: null,
    remark: null,
    acceptedAt: Date.parse(RECEIVED_AT),
  }
}

function sendsOf({ at, configured, id, sent }: World): Pick<Operations, 'sends' | 'deliveries' | 'outbox'> {
  const find = (name: OrgId, delivery: string): Delivery => {
    const found = at(name).deliveries.get(delivery)
    if (found === undefined) throw missing()
    return found
  }
  return {
    sends: {
      async send(account, request, key) {
        configured(account)
        const org = at(account.org)
        sent.push({ ...account, key })
        const known = key === null ? undefined : org.keys.get(key)
        if (known?.request === JSON.stringify(request)) return { ...known.delivery, more: [] }
        if (known !== undefined) throw new ChannelError('idempotency_key_reused')
        const delivery = acceptedOf(account, request, id)
        org.deliveries.set(delivery.id, delivery)
        step(org, delivery)
        if (key !== null) org.keys.set(key, { request: JSON.stringify(request), delivery })
        return { ...delivery, more: [] }
      },
    },
    deliveries: {
      async find(name, delivery) {
        const found = find(name, delivery)
        return { ...found, ...(found.status === 'accepted' ? NEXT : ENDED) }
      },
      async list(name, { account, status, limit, before }) {
        const all = [...at(name).deliveries.values()].toReversed()
        const from = before === null ? 0 : all.findIndex(each => each.id === before) + 1
        if (before !== null && from === 0) throw missing()
        return all
          .slice(from)
          .filter(each => (account ?? each.account) === each.account && (status ?? each.status) === each.status)
          .slice(0, limit)
          .map(each => ({ ...each, ...(each.status === 'accepted' ? NEXT : ENDED), class: 'proactive' as const }))
      },
      watch: (name, after, signal) => followed(at(name).changes, after, signal),
    },
    outbox: {
      async cancel(name, delivery) {
        const found = find(name, delivery)
        if (found.status === 'cancelled') return
        if (found.status !== 'accepted') throw new ChannelError('already_sent')
        const cancelled: Delivery = { ...found, status: 'cancelled' }
        at(name).deliveries.set(delivery, cancelled)
        step(at(name), cancelled)
      },
    },
  }
}

function messagesOf({ at, watching }: World): Partial<Operations['messages']> {
  return {
    senders: async (_, ids) => ids.map(id => ({ id, address: PHONE, name: 'Dana', group: null, group_subject: null })),
    async list(name, { account, limit, before }) {
      const newestFirst = at(name)
        .log.get()
        .map(each => each.message)
        .filter(message => account === null || message.account === account)
        .toReversed()
      const from = before === null ? 0 : newestFirst.findIndex(message => message.id === before) + 1
      if (before !== null && from === 0) throw missing()
      return { messages: newestFirst.slice(from, from + limit), more: newestFirst.length > from + limit }
    },
    async *watch(name, after, signal) {
      const { log } = at(name)
      let seen = after ?? log.get().length
      watching.open += 1
      try {
        while (!signal.aborted) {
          const changed = log.changed(signal)
          for (const numbered of log.get().slice(seen)) {
            if (signal.aborted) return
            seen = numbered.seq
            watching.taken += 1
            yield numbered
          }
          if (seen === log.get().length) await changed
        }
      } finally {
        watching.open -= 1
      }
    },
  }
}

const inboundMessage = (id: string, text: string, account: AccountName): WireMessage =>
  wireMessage({ id, account, text, sender_name: 'Dana', group_subject: 'Family', to: PHONE, received_at: RECEIVED_AT })

/** A part that finds nothing where it has no answer of its own. */
const partOf = (written: object): object =>
  new Proxy(written, {
    get: (part, name) => (name in part ? Reflect.get(part, name) : () => Promise.reject(missing())),
  })

/** Operations of a host whose orgs begin empty; `own` takes the place of what is here. */
export function createMemoryOperations(own: OwnOperations = {}): MemoryOperations {
  const world = createWorld()
  const { confirmed, sent, watching, breakNext } = world
  const contacts: Operations['contacts'] = {
    check: async (key, numbers) => {
      world.configured(key)
      return { contacts: numbers.map(number => ({ number, address: number })), retryAt: null }
    },
  }
  const written: Required<OwnOperations> = {
    ...idle,
    ...linksOf(world),
    ...pairingsOf(world),
    ...bindingsOf(world),
    ...sendsOf(world),
    ...noPolicies(),
    contacts,
    messages: messagesOf(world),
  }
  const parts = Object.keys(written) as (keyof Operations)[]
  const operations = Object.fromEntries(parts.map(part => [part, partOf({ ...written[part], ...own[part] })]))
  return {
    ...(operations as unknown as Operations),
    confirmed,
    sent,
    watching,
    breakNext,
    say(name, text, account = DEFAULT_ACCOUNT) {
      const { log } = world.at(name)
      const message = inboundMessage(world.id('msg'), text, account)
      log.set([...log.get(), { seq: log.get().length + 1, message }])
      return message
    },
    link: (org, state, account = DEFAULT_ACCOUNT) => world.accountAt({ org, account }).connection.set(state),
    turnPairing: (name, session, state) => world.pairingOf(name, session).states.set(state),
  }
}
