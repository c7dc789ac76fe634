import type { WireTurn } from '../../plugin/contract/api/turns.ts'
import { plainAnswer } from '../terminal/answer-text.ts'
import type { Colour, Paint } from '../terminal/colour.ts'

type Told = { readonly colour: Colour; readonly words: string; readonly todo?: string }

const of = (code: string | null): string => (code === null ? '' : `: ${code}`)

/** What to print about a turn that has ended or waits for a person; null for one that goes on by itself. */
function toldOf({ id, agent, status, code, failure, attempt, step }: WireTurn): Told | null {
  if (status === 'queued' || status === 'running') return null
  if (status === 'answered') return { colour: 'green', words: `${agent} answered` }
  if (status === 'no_reply') return { colour: 'dim', words: `${agent} sent no reply` }
  if (status === 'cancelled') return { colour: 'dim', words: `cancelled${of(code)}` }
  if (status === 'awaiting_approval') {
    return { colour: 'yellow', words: `${agent} waits for an approval`, todo: 'approvals list --status pending' }
  }
  if (status === 'dead_letter') {
    const attempts = `${attempt} attempt${attempt === 1 ? '' : 's'}`
    return {
      colour: 'red',
      words: `${agent} was given up after ${attempts}${of(code)}${failure === null ? '' : ` (${failure})`}`,
      todo: `turns retry ${id}`,
    }
  }
  const where = step === null ? '' : `, at step ${step.number} (${step.tool})`
  return {
    colour: 'yellow',
    words: `${agent} needs a person${of(code)}${where}`,
    todo: `turns retry ${id} --step repeat|skip`,
  }
}

const NO_TIME = ' '.repeat('00:00:00'.length)

/** The end of a turn on one line: time, `about` (whose message), and what to do; null while the turn goes on. */
export function turnLine(turn: WireTurn, about: string, paint: Paint): string | null {
  const plain = plainAnswer(turn)
  const told = toldOf(plain)
  if (told === null) return null
  const time = plain.ended_at === null ? NO_TIME : paint('dim', plain.ended_at.slice(11, 19))
  const todo = told.todo === undefined ? '' : ` → agentcy-whatsapp ${told.todo}`
  return `${time} ${paint(told.colour, '↳')} ${about}: ${paint(told.colour, told.words)}${todo}`
}
