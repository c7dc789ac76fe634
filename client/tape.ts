import type { WireTurn } from '../plugin/contract/api-turns.ts'
import type { WireMessage } from '../plugin/contract/api.ts'
import { plainLine } from '../plugin/contract/plain-text.ts'
import type { Call } from './command.ts'
import { dayOf } from './days.ts'
import { jsonLine } from './json-line.ts'
import { messageLine, whereOf } from './message-line.ts'
import { paintFor } from './paint.ts'
import { Recent } from './recent.ts'
import { turnLine } from './turn-line.ts'

/** How many messages and turns are remembered. */
const KEPT = 10_000

/** What was there before: messages in the order of time, and turns. */
export type Past = { readonly messages: readonly WireMessage[]; readonly turns: readonly WireTurn[] }

/** Prints messages as they come, and how their turns end. What comes before the past was printed waits for that. */
export type Tape = {
  message(message: WireMessage): void
  turn(turn: WireTurn): void
  begin(past: Past): void
  /** Whether a turn is about a message that was printed, and its end was not. */
  isMissing(turn: WireTurn): boolean
}

/** A tape of all accounts unless one is named. */
export function createTape({ terminal, options: { account, json } }: Pick<Call, 'terminal' | 'options'>): Tape {
  const paint = paintFor(terminal)
  const printed = new Recent<string>(KEPT)
  const told = new Recent<WireTurn['status']>(KEPT)
  const waiting: (() => void)[] = []
  let isBegun = false
  let day: string | null = null
  const print = (line: string): unknown => terminal.out.write(`${line}\n`)
  const isMeant = (each: { readonly account: string }): boolean => account === undefined || each.account === account

  const message = (each: WireMessage): void => {
    if (!isMeant(each) || printed.get(each.id) !== undefined) return
    printed.set(each.id, whereOf(each))
    const its = dayOf(each.received_at)
    if (json !== true && day !== null && its !== day) print(paint('dim', plainLine(its)))
    day = its
    print(json === true ? jsonLine(each) : messageLine(each, paint))
  }
  const turn = (each: WireTurn): void => {
    const { id, status, message_id: about } = each
    if (!isMeant(each)) return
    const line = turnLine(each, printed.get(about) ?? plainLine(about), paint)
    // One that goes on again may end in the same way again.
    if (line === null) told.delete(id)
    if (line === null || told.get(id) === status) return
    told.set(id, status)
    print(json === true ? jsonLine(each) : line)
  }
  const inTurn = (work: () => void): void => {
    if (isBegun) work()
    else waiting.push(work)
  }
  return {
    message: each => inTurn(() => message(each)),
    turn: each => inTurn(() => turn(each)),
    begin({ messages, turns }) {
      const byMessage = new Map(turns.map(each => [each.message_id, each]))
      // The past begins with its day; what comes as it is written does not need it.
      if (messages.length > 0) day = ''
      for (const each of messages) {
        message(each)
        const its = byMessage.get(each.id)
        if (its) turn(its)
      }
      isBegun = true
      for (const work of waiting.splice(0)) work()
    },
    isMissing: ({ id, message_id: about, status }) => printed.get(about) !== undefined && told.get(id) !== status,
  }
}
