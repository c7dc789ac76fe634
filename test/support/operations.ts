import type { SendRequest } from '../../plugin/contract/api/sends.ts'
import type { WireBinding } from '../../plugin/contract/api/bindings.ts'
import type { WireMessage } from '../../plugin/contract/api/messages.ts'
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
import type { NumberedChange, NumberedMessage, Operations } from '../../plugin/contract/operations.ts'
import type { Problem } from '../../plugin/contract/problem.ts'
import type { ListedTurn } from '../../plugin/contract/turn.ts'
import { createCell, followed } from './cell.ts'
import { bindingsOf } from './binding-operations.ts'
import { type Account, type Confirmed, createAccount, linksOf, type Pairing, pairingsOf } from './link-operations.ts'
import { noPolicies } from './policies.ts'
import { wireMessage } from './wire-message.ts'

export const PHONE = '+972500000001' as Phone
export const RECEIVED_AT = '2026-01-02T03:04:05.000Z'

/** Operations held in memory, and what a test does to them from the other side. */
export type MemoryOperations = Operations & {
  /** A contact writes: stored, and told to those who watch. */
  say(org: OrgId, text: string, account?: AccountName): WireMessage
  link(org: OrgId, state: ConnectionState, account?: AccountName): void
  turnPairing(org: OrgId, session: string, state: PairingState): void
  /** The next call of any operation fails in a way that nobody foresaw. */
  breakNext(error: Error): void
  readonly confirmed: Confirmed[]
  readonly sends: (AccountKey & { readonly key: string | null })[]
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
  const sends: (AccountKey & { key: string | null })[] = []
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
  return { at, accountAt, configured, pairingOf, id, confirmed, sends, watching, breakNext }
}
type World = ReturnType<typeof createWorld>

type Deliveries = Pick<Operations, 'send' | 'listSends' | 'delivery' | 'cancelSend' | 'watchSends'>
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

function deliveriesOf({ at, configured, id, sends }: World): Deliveries {
  const find = (name: OrgId, delivery: string): Delivery => {
    const found = at(name).deliveries.get(delivery)
    if (found === undefined) throw missing()
    return found
  }
  return {
    async send(account, request, key) {
      configured(account)
      const org = at(account.org)
      sends.push({ ...account, key })
      const known = key === null ? undefined : org.keys.get(key)
      if (known?.request === JSON.stringify(request)) return { ...known.delivery, more: [] }
      if (known !== undefined) throw new ChannelError('idempotency_key_reused')
      const delivery = acceptedOf(account, request, id)
      org.deliveries.set(delivery.id, delivery)
      step(org, delivery)
      if (key !== null) org.keys.set(key, { request: JSON.stringify(request), delivery })
      return { ...delivery, more: [] }
    },
    async listSends(name, { account, status, limit, before }) {
      const all = [...at(name).deliveries.values()].toReversed()
      const from = before === null ? 0 : all.findIndex(each => each.id === before) + 1
      if (before !== null && from === 0) throw missing()
      return all
        .slice(from)
        .filter(each => (account ?? each.account) === each.account && (status ?? each.status) === each.status)
        .slice(0, limit)
        .map(each => ({ ...each, ...(each.status === 'accepted' ? NEXT : ENDED), class: 'proactive' as const }))
    },
    async delivery(name, delivery) {
      const found = find(name, delivery)
      return { ...found, ...(found.status === 'accepted' ? NEXT : ENDED) }
    },
    async cancelSend(name, delivery) {
      const found = find(name, delivery)
      if (found.status === 'cancelled') return
      if (found.status !== 'accepted') throw new ChannelError('already_sent')
      const cancelled: Delivery = { ...found, status: 'cancelled' }
      at(name).deliveries.set(delivery, cancelled)
      step(at(name), cancelled)
    },
    watchSends: (name, after, signal) => followed(at(name).changes, after, signal),
  }
}

function messagesOf({ at, watching }: World): Pick<Operations, 'listMessages' | 'messageSenders' | 'watchMessages'> {
  return {
    messageSenders: async (_, ids) =>
      ids.map(id => ({ id, address: PHONE, name: 'Dana', group: null, group_subject: null })),
    async listMessages(name, { account, limit, before }) {
      const newestFirst = at(name)
        .log.get()
        .map(each => each.message)
        .filter(message => account === null || message.account === account)
        .toReversed()
      const from = before === null ? 0 : newestFirst.findIndex(message => message.id === before) + 1
      if (before !== null && from === 0) throw missing()
      return { messages: newestFirst.slice(from, from + limit), more: newestFirst.length > from + limit }
    },
    async *watchMessages(name, after, signal) {
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

type Nothing =
  | 'listGroups'
  | 'group'
  | 'listTurns'
  | 'watchTurns'
  | 'problems'
  | 'watchProblems'
  | 'retryTurn'
  | 'cancelTurn'
  | 'listLoops'
  | 'endLoop'
  | 'messageCourse'
  | 'fetchFile'
  | 'watchTransfers'
  | 'metrics'

const waiting: ListedTurn = {
  id: 'trn_1',
  account: DEFAULT_ACCOUNT,
  messageId: 'msg_1',
  agent: 'echo',
  status: 'queued',
  code: null,
  failure: null,
  attempt: 0,
  beganAt: null,
  deadlineAt: null,
  pieces: 1,
  step: null,
  waitsFor: null,
  queuedAt: 0,
  nextAt: null,
  endedAt: null,
}

export const dead: Problem = {
  code: 'dead_letters',
  org: null,
  account: DEFAULT_ACCOUNT,
  agent: null,
  count: 1,
  cause: null,
  since: 0,
}

/** The number is in no group; one turn is queued for those who watch, and none is ever there. */
const nothing: Pick<Operations, Nothing> = {
  metrics: async () => '',
  async *watchTransfers() {
    yield { account: DEFAULT_ACCOUNT, messageId: 'msg_1', direction: 'outbound', doneBytes: 1, totalBytes: null }
  },
  listGroups: async () => [],
  group: () => Promise.reject(missing()),
  listTurns: async () => [],
  problems: () => [dead],
  async *watchProblems() {
    yield [dead]
  },
  async *watchTurns() {
    yield waiting
  },
  retryTurn: () => Promise.reject(missing()),
  cancelTurn: () => Promise.reject(missing()),
  listLoops: async () => [],
  endLoop: () => Promise.reject(missing()),
  messageCourse: () => Promise.reject(missing()),
  fetchFile: () => Promise.reject(missing()),
}

const inboundMessage = (id: string, text: string, account: AccountName): WireMessage =>
  wireMessage({ id, account, text, sender_name: 'Dana', group_subject: 'Family', to: PHONE, received_at: RECEIVED_AT })

export function createMemoryOperations(): MemoryOperations {
  const world = createWorld()
  const { confirmed, sends, watching, breakNext } = world
  return {
    ...linksOf(world),
    ...pairingsOf(world),
    ...bindingsOf(world),
    ...deliveriesOf(world),
    ...messagesOf(world),
    ...noPolicies(),
    listTakeovers: async () => [],
    beginTakeover: () => Promise.reject(missing()),
    endTakeover: () => Promise.reject(missing()),
    listApprovals: () => Promise.resolve([]),
    decideApproval: () => Promise.reject(missing()),
    checkContacts: async (key, numbers) => {
      world.configured(key)
      return { contacts: numbers.map(number => ({ number, address: number })), retryAt: null }
    },
    ...nothing,
    confirmed,
    sends,
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
