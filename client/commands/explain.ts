import type { RouterInputs } from '../../plugin/api/trpc/router.ts'
import type { WireExplanation } from '../../plugin/contract/api/bindings.ts'
import { thenAndNow } from '../../plugin/contract/then-and-now.ts'
import { show } from '../command/answer.ts'
import type { Command, HostCall } from '../command/command.ts'
import { type Colour, type Paint, paintFor } from '../terminal/colour.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'
import { writtenText } from '../terminal/written-text.ts'

type Question = RouterInputs['bindings']['explain']
type Judged = WireExplanation['bindings'][number]

/** Shows which agent answers a stored or a made-up message, and why, binding by binding. */
export const EXPLAIN: Command = {
  name: 'bindings explain',
  parameters: ['[message]'],
  summary: 'shows which agent answers a stored or a made-up message, and why',
  options: {
    from: 'made-up message: its sender',
    to: 'the linked number, if not that of "default"',
    group: 'the group; without it, a direct chat',
    text: 'its text; "-" reads it from standard input',
    mentioned: 'it mentions the linked number',
    forwarded: 'its sender marks it as forwarded',
    account: 'the account, if not "default"',
  },
  examples: [
    'bindings explain msg_01J00000000000000000000000',
    'bindings explain --from +972500000002 --text "is the invoice there?"',
  ],
  place: 'host',
  run: explain,
}

async function explain(call: HostCall): Promise<ExitCode> {
  const question = await questionOf(call)
  if (question === null) return calledWrongly(call.terminal, 'Give the id of a message, or --from for a made-up one.')
  const paint = paintFor(call.terminal)
  const now = await call.client.bindings.explain.query(question)
  const { message_id: id } = question
  const { trace } = call.client.whatsapp.messages
  const explained = id === undefined ? now : { ...now, when_it_came: await trace.query({ id }) }
  show(call, explained, answer => linesOf(answer, paint))
  return EXIT.done
}

async function questionOf({ terminal, words, options }: HostCall): Promise<Question | null> {
  const [message_id] = words
  const { from, to, group, text, mentioned, forwarded, account } = options
  const isMadeUp = [from, to, group, text, mentioned, forwarded, account].some(each => each !== undefined)
  if (message_id !== undefined) return isMadeUp ? null : { message_id }
  if (from === undefined) return null
  const optional = { to, group, mentioned, forwarded, account }
  const given = Object.entries(optional).filter(([, value]) => value !== undefined)
  const written = text === undefined ? {} : { text: await writtenText(terminal, text) }
  return { message: { from, ...written, ...Object.fromEntries(given) } }
}

const COLOURS: Readonly<Record<Judged['verdict'], Colour>> = {
  holds: 'green',
  fails: 'dim',
  undecided: 'yellow',
  too_slow: 'yellow',
  disabled: 'dim',
}

/** The result by the current bindings; for a stored message also the result when it came. */
type Explained = WireExplanation & { readonly when_it_came?: WireExplanation }

const answerOf = ({ outcome, reason, binding_id }: WireExplanation): string =>
  binding_id === null ? `no agent answers: ${reason ?? outcome}` : `${binding_id} answers`

function linesOf({ when_it_came: before, ...now }: Explained, paint: Paint): string[] {
  const answer = before === undefined ? answerOf(now) : thenAndNow(before, now)
  return [answer, ...now.bindings.flatMap(each => judgedLines(each, paint))]
}

function judgedLines({ position, id, agent, verdict, clauses }: Judged, paint: Paint): string[] {
  const compared = clauses.map(({ key, wanted, found, held }) => {
    const seen = found === null ? '' : `, found ${found}`
    return `     ${held.padEnd(8)} ${key} ${wanted}${seen}`
  })
  return [`${String(position).padStart(3)}  ${id} ${agent}: ${paint(COLOURS[verdict], verdict)}`, ...compared]
}
