import type { WireTurn } from '../../plugin/contract/api/turns.ts'
import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'
import type { Call } from '../command/command.ts'
import { dayOf } from '../texts/days.ts'
import { jsonLine } from '../terminal/answer-text.ts'
import { messageLine, whereOf } from '../texts/message-line.ts'
import { paintFor } from '../terminal/colour.ts'
import { Recent } from './recent.ts'
import { turnLine } from '../texts/turn-line.ts'

/** How many messages and turns are remembered. */
const KEPT = 10_000

/** The stored entries to print first: messages in chronological order, and turns. */
export type Past = { readonly messages: readonly WireMessage[]; readonly turns: readonly WireTurn[] }

/** Prints messages as they arrive, and how their turns end. Entries that arrive before `begin` are printed after the past. */
export type LiveLog = {
  message(message: WireMessage): void
  turn(turn: WireTurn): void
  begin(past: Past): void
  /** Whether the turn belongs to a printed message and its end was not printed yet. */
  isMissing(turn: WireTurn): boolean
}

/** Creates a live log for all accounts, or only for the named one. */
export function createLiveLog(call: Pick<Call, 'terminal' | 'options'>): LiveLog {
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
    // A turn that resumes may end in the same way again, and that end is printed too.
    if (line === null) told.delete(id)
    if (line === null || told.get(id) === status) return
    told.set(id, status)
    print(json === true ? jsonLine(each) : line)
  }
  const isMissing = ({ id, message_id: about, status }: WireTurn): boolean =>
    printed.get(about) !== undefined && told.get(id) !== status
  /** Stored messages start with their day; new messages get no day at the start. */
  const beginDay = (): void => {
    day = ''
  }
  return { message, turn, beginDay, isMissing }
}
