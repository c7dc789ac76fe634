import type { SendChange, SendStatus } from '../../contract/api/sends.ts'
import type { WireTurn } from '../../contract/api/turns.ts'
import type { WireMessage } from '../../contract/api/messages.ts'

/** The delivery status of a sent message. */
export type Tick = { readonly status: SendStatus['status']; readonly code: number | null }

/** Changes of messages since they were listed. */
export type Progress = {
  readonly ticks: ReadonlyMap<string, Tick>
  readonly turns: ReadonlyMap<string, WireTurn>
  /** How often the message or chat with this key has changed. */
  readonly moves: ReadonlyMap<string, number>
  /** How often the turn subscription has started; changes between two starts were missed. */
  readonly begun: number
}

export const NO_PROGRESS: Progress = { ticks: new Map(), turns: new Map(), moves: new Map(), begun: 0 }

/** How many entries each map keeps. */
const MOST = 1_000

const FURTHER: readonly Tick['status'][] = ['accepted', 'sent', 'delivered', 'read']

/** The further of two statuses; a final status wins. */
export function furthest(left: Tick, right: Tick): Tick {
  const [far, other] = [FURTHER.indexOf(left.status), FURTHER.indexOf(right.status)]
  if (far === -1) return left
  return other === -1 || other > far ? right : left
}

function noted<Value>(map: ReadonlyMap<string, Value>, key: string, value: Value): ReadonlyMap<string, Value> {
  const next = new Map(map)
  next.delete(key)
  next.set(key, value)
  const [oldest] = next.keys()
  if (next.size > MOST && oldest !== undefined) next.delete(oldest)
  return next
}

const moved = (moves: Progress['moves'], key: string) => noted(moves, key, (moves.get(key) ?? 0) + 1)

/** The key of an account's chat. */
export const chatKey = (account: string, chat: string): string => `${account} ${chat}`

/** Applies a status change of a send. */
export function withChange(progress: Progress, change: SendChange): Progress {
  const { message_id: id, account, to, status, code } = change
  const known = progress.ticks.get(id)
  const tick = { status, code }
  return {
    ...progress,
    ticks: noted(progress.ticks, id, known ? furthest(known, tick) : tick),
    moves: moved(progress.moves, chatKey(account, to)),
  }
}

/** Applies a change of a turn. */
export function withTurn(progress: Progress, turn: WireTurn): Progress {
  const turns = noted(progress.turns, turn.message_id, turn)
  return { ...progress, turns, moves: moved(progress.moves, turn.message_id) }
}

/** The turn that includes a message, if known. */
export const turnOf = ({ turns }: Progress, { id, gathered_in: head }: WireMessage): WireTurn | undefined =>
  turns.get(head ?? id)

/** Forgets known turns because the subscription has started again. */
export const withBeginning = (progress: Progress): Progress => ({
  ...progress,
  turns: new Map(),
  begun: progress.begun + 1,
})

/** Adds listed turns; changes received since then take precedence. */
export function withListed(progress: Progress, listed: readonly WireTurn[]): Progress {
  const turns = new Map(listed.map(turn => [turn.message_id, turn]))
  for (const [id, turn] of progress.turns) turns.set(id, turn)
  return { ...progress, turns }
}

const REJECTED = /^rejected: ?(?<code>[0-9]*)/

function tickIn(outcome: string): Tick | null {
  const [, code] = REJECTED.exec(outcome) ?? []
  if (code !== undefined) return { status: 'rejected', code: code === '' ? null : Number(code) }
  const status = ([...FURTHER, 'expired', 'cancelled'] as const).find(each => each === outcome)
  return status ? { status, code: null } : null
}

/** The delivery status of a sent message; null for an inbound message. */
export function tickOf(progress: Progress, { id, direction, outcome }: WireMessage): Tick | null {
  if (direction === 'inbound') return null
  const told = progress.ticks.get(id)
  const listed = tickIn(outcome)
  return told && listed ? furthest(told, listed) : (told ?? listed)
}
