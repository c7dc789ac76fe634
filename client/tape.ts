import type { WireTurn } from '../plugin/contract/api/turns.ts'
import type { WireMessage } from '../plugin/contract/api/messages.ts'
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
export function createTape(call: Pick<Call, 'terminal' | 'options'>): Tape {
  const { account } = call.options
  const { message, turn, beginDay, isMissing } = createPrinter(call)
  const waiting: (() => void)[] = []
  let isBegun = false
  const inTurn = (each: { readonly account: string }, work: () => void): void => {
    if (account !== undefined && each.account !== account) return
    if (isBegun) work()
    else waiting.push(work)
  }
  return {
    message: each => inTurn(each, () => message(each)),
    turn: each => inTurn(each, () => turn(each)),
    begin({ messages, turns }) {
      const byMessage = new Map(turns.map(each => [each.message_id, each]))
      isBegun = true
      if (messages.length > 0) beginDay()
      for (const each of messages) {
        const its = byMessage.get(each.id)
        inTurn(each, () => message(each))
        if (its) inTurn(its, () => turn(its))
      }
      for (const work of waiting.splice(0)) work()
    },
    isMissing,
  }
}

/** Prints each message and each end of a turn once. */
function createPrinter({ terminal, options: { json } }: Pick<Call, 'terminal' | 'options'>) {
  const paint = paintFor(terminal)
  const printed = new Recent<string>(KEPT)
  const told = new Recent<WireTurn['status']>(KEPT)
  let day: string | null = null
  const print = (line: string): unknown => terminal.out.write(`${line}\n`)

  const message = (each: WireMessage): void => {
    if (printed.get(each.id) !== undefined) return
    printed.set(each.id, whereOf(each))
    const its = dayOf(each.received_at)
    if (json !== true && day !== null && its !== day) print(paint('dim', plainLine(its)))
    day = its
    print(json === true ? jsonLine(each) : messageLine(each, paint))
  }
  const turn = (each: WireTurn): void => {
    const { id, status, message_id: about } = each
    const line = turnLine(each, printed.get(about) ?? plainLine(about), paint)
    // One that goes on again may end in the same way again.
    if (line === null) told.delete(id)
    if (line === null || told.get(id) === status) return
    told.set(id, status)
    print(json === true ? jsonLine(each) : line)
  }
  const isMissing = ({ id, message_id: about, status }: WireTurn): boolean =>
    printed.get(about) !== undefined && told.get(id) !== status
  /** What is stored begins with its day; what is written now does not need it. */
  const beginDay = (): void => {
    day = ''
  }
  return { message, turn, beginDay, isMissing }
}
