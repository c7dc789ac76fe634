import type { SendRequest } from '../../plugin/contract/api-send.ts'
import type { WireBinding } from '../../plugin/contract/api-bindings.ts'
import type { WireChannel, WireMessage } from '../../plugin/contract/api.ts'
import type { ConnectionState, PairingState } from '../../plugin/contract/connection.ts'
import type { Delivery, Prospect } from '../../plugin/contract/delivery.ts'
import { ChannelError } from '../../plugin/contract/errors.ts'
import {
  type Chat,
  DEFAULT_ACCOUNT,
  type OrgId,
  parseAddress,
  personAt,
  type Phone,
} from '../../plugin/contract/ids.ts'
import type { NumberedChange, NumberedMessage, Operations } from '../../plugin/contract/operations.ts'
import { createCell, followed, statesOf } from './cell.ts'
import { bindingsOf } from './binding-operations.ts'
import { noPolicies } from './policies.ts'

export const PHONE = '+972500000001' as Phone
export const RECEIVED_AT = '2026-01-02T03:04:05.000Z'

/** Operations held in memory, and what a test does to them from the other side. */
export type MemoryOperations = Operations & {
  /** A contact writes: stored, and told to those who watch. */
  say(org: OrgId, text: string): WireMessage
  link(org: OrgId, state: ConnectionState): void
  turnPairing(org: OrgId, session: string, state: PairingState): void
  /** The next call of any operation fails in a way that nobody foresaw. */
  breakNext(error: Error): void
  readonly confirmed: OrgId[]
  readonly sends: { readonly org: OrgId; readonly key: string | null }[]
  /** How many messages watchers have taken, and how many watchers there are. */
  readonly watching: { taken: number; open: number }
}

function createOrg() {
  return {
    configured: false,
    connection: createCell<ConnectionState>({ status: 'not_configured' }),
    pairings: new Map<string, ReturnType<typeof createCell<PairingState>>>(),
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
  const confirmed: OrgId[] = []
  const sends: { org: OrgId; key: string | null }[] = []
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
  const configured = (name: OrgId): Org => {
    const org = at(name)
    if (!org.configured) throw new ChannelError('channel_not_configured')
    return org
  }
  const pairingOf = (name: OrgId, session: string) => {
    const cell = at(name).pairings.get(session)
    if (cell === undefined) throw missing()
    return cell
  }
  const id = (prefix: string) => `${prefix}_${String((ids += 1)).padStart(26, '0')}`
  const breakNext = (error: Error) => {
    broken = error
  }
  return { at, configured, pairingOf, id, confirmed, sends, watching, breakNext }
}
type World = ReturnType<typeof createWorld>

function wireChannel(org: Org): WireChannel {
  const state = org.connection.get()
  const phone = state.status === 'connected' ? state.phone : null
  const nothing = { since: null, reason: null, permanent: false, retry_at: null, detail: null }
  return {
    channel: 'whatsapp',
    display_name: null,
    configured: org.configured,
    connection: { status: state.status, phone, ...nothing },
    last_connected_at: null,
    new_chats_locked_until: null,
    bindings: org.bindings.length,
  }
}

type Links = Pick<Operations, 'configure' | 'unpair' | 'reload' | 'test' | 'channels' | 'confirmLink'>

function linksOf({ at, configured, confirmed }: World): Links {
  return {
    async configure(name) {
      const org = at(name)
      org.configured = true
      if (org.connection.get().status === 'not_configured') org.connection.set({ status: 'not_paired', reason: null })
    },
    async unpair(name) {
      configured(name).configured = false
      at(name).connection.set({ status: 'not_configured' })
      return { unlinked: true }
    },
    async reload() {},
    async test(name) {
      const state = configured(name).connection.get()
      if (state.status !== 'connected') throw new ChannelError('not_paired')
      return { phone: state.phone }
    },
    channels: async name => [wireChannel(at(name))],
    async confirmLink(name) {
      confirmed.push(name)
    },
  }
}

type Pairings = Pick<Operations, 'startPairing' | 'pairing' | 'watchPairing' | 'watchConnection'>

function pairingsOf({ at, configured, pairingOf, id }: World): Pairings {
  return {
    async startPairing(name) {
      const org = configured(name)
      if (org.connection.get().status === 'connected') throw new ChannelError('already_connected')
      const session = id('qr')
      const state: PairingState = { status: 'pending', qr: 'first-code', expiresAt: Date.now() + 60_000 }
      org.pairings.set(session, createCell<PairingState>(state))
      return { session, state }
    },
    pairing: (name, session) => pairingOf(name, session).get(),
    async *watchPairing(name, session, signal) {
      for await (const state of statesOf(pairingOf(name, session), signal)) {
        yield state
        if (state.status !== 'pending') return
      }
    },
    watchConnection: (name, signal) => statesOf(at(name).connection, signal),
  }
}

type Deliveries = Pick<Operations, 'send' | 'delivery' | 'cancelSend' | 'watchSends'>
const NEXT: Prospect = { position: 0, earliestAt: Date.parse(RECEIVED_AT), held: null }
const ENDED: Prospect = { position: null, earliestAt: null, held: null }

function step({ changes }: Org, delivery: Delivery): void {
  const { id, messageId, chat, status, rejectedCode, acceptedAt: at } = delivery
  const change = { id, messageId, chat, status, rejectedCode, at }
  changes.set([...changes.get(), { seq: changes.get().length + 1, change }])
}

function acceptedOf(name: OrgId, request: SendRequest, id: World['id']): Delivery {
  return {
    org: name,
    account: DEFAULT_ACCOUNT,
    id: id('snd'),
    messageId: id('msg'),
    chat: chatOf(request.to),
    stanzaId: id('3EB0'),
    content: { kind: 'text', text: request.text ?? '' },
    status: 'accepted',
    rejectedCode: null,
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
    async send(name, request, key) {
      const org = configured(name)
      sends.push({ org: name, key })
      const known = key === null ? undefined : org.keys.get(key)
      if (known?.request === JSON.stringify(request)) return { ...known.delivery, more: [] }
      if (known !== undefined) throw new ChannelError('idempotency_key_reused')
      const delivery = acceptedOf(name, request, id)
      org.deliveries.set(delivery.id, delivery)
      step(org, delivery)
      if (key !== null) org.keys.set(key, { request: JSON.stringify(request), delivery })
      return { ...delivery, more: [] }
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

function messagesOf({ at, watching }: World): Pick<Operations, 'listMessages' | 'watchMessages'> {
  return {
    async listMessages(name, { limit, before }) {
      const newestFirst = at(name)
        .log.get()
        .map(each => each.message)
        .toReversed()
      const from = before === null ? 0 : newestFirst.findIndex(message => message.id === before) + 1
      if (before !== null && from === 0) throw missing()
      return newestFirst.slice(from, from + limit)
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

/** The number is in no group, and no turn is ever there. */
const nothing: Pick<Operations, 'listGroups' | 'group' | 'listTurns' | 'retryTurn' | 'watchTransfers' | 'metrics'> = {
  metrics: async () => '',
  async *watchTransfers() {
    yield { messageId: 'msg_1', direction: 'outbound', doneBytes: 1, totalBytes: null }
  },
  listGroups: async () => [],
  group: () => Promise.reject(missing()),
  listTurns: async () => [],
  retryTurn: () => Promise.reject(missing()),
}

function inboundMessage(id: string, text: string): WireMessage {
  const contact = '+972500000002'
  return {
    id,
    account: DEFAULT_ACCOUNT,
    direction: 'inbound',
    chat: contact,
    from: contact,
    to: PHONE,
    text,
    kind: 'text',
    details: null,
    media: [],
    group: null,
    binding_id: null,
    outcome: 'unmatched: no_binding',
    received_at: RECEIVED_AT,
  }
}

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
    listApprovals: () => Promise.resolve([]),
    decideApproval: () => Promise.reject(missing()),
    ...nothing,
    confirmed,
    sends,
    watching,
    breakNext,
    say(name, text) {
      const { log } = world.at(name)
      const message = inboundMessage(world.id('msg'), text)
      log.set([...log.get(), { seq: log.get().length + 1, message }])
      return message
    },
    link: (name, state) => world.at(name).connection.set(state),
    turnPairing: (name, session, state) => world.pairingOf(name, session).set(state),
  }
}
