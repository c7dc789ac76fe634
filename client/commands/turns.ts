import type { WireTurn } from '../../plugin/contract/api/turns.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { countOf, statusIn } from '../command/options.ts'
import { newestOf } from '../lists/newest.ts'
import { type Colour, type Paint, paintFor } from '../terminal/colour.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'

/** The possible statuses of a turn. */
export const TURN_STATUSES = [
  'queued',
  'running',
  'awaiting_approval',
  'answered',
  'no_reply',
  'needs_operator',
  'dead_letter',
  'cancelled',
] as const satisfies readonly WireTurn['status'][]

const COLOURS: Partial<Record<WireTurn['status'], Colour>> = {
  awaiting_approval: 'yellow',
  answered: 'green',
  no_reply: 'dim',
  needs_operator: 'yellow',
  dead_letter: 'red',
  cancelled: 'dim',
}

/** The status of a turn in its colour. */
export function turnStatus({ status }: Pick<WireTurn, 'status'>, paint: Paint): string {
  const colour = COLOURS[status]
  return colour ? paint(colour, status) : status
}

const HEADING = ['id', 'status', 'agent', 'attempt', 'message', 'queued', 'began', 'until', 'why']

function whyOf({ code, failure, step, waits_for: waitsFor, next_at: nextAt }: WireTurn): string {
  const why = [
    code,
    failure,
    step && `at step ${step.number} (${step.tool})`,
    waitsFor && `waits for ${waitsFor}`,
    nextAt && `next attempt ${nextAt}`,
  ]
  return why.filter(part => part !== null && part !== '').join(', ')
}

const rowOf = (turn: WireTurn, paint: Paint): string[] => {
  const { id, agent, attempt, message_id: message, queued_at: queuedAt } = turn
  const times = [queuedAt, turn.began_at ?? '', turn.deadline_at ?? '']
  return [id, turnStatus(turn, paint), agent, String(attempt), message, ...times, whyOf(turn)]
}

async function list(call: HostCall): Promise<ExitCode> {
  const { client, terminal, options } = call
  const [count, status] = [countOf(options), statusIn(TURN_STATUSES, options)]
  if (typeof count === 'string') return calledWrongly(terminal, count)
  if (typeof status === 'string') return calledWrongly(terminal, status)
  const { account } = options
  const wanted = { ...status, ...(account !== undefined && { account }) }
  const turns = await newestOf(count, async asked => (await client.turns.list.query({ ...wanted, ...asked })).turns)
  const paint = paintFor(terminal)
  show(call, { turns }, answer =>
    turns.length === 0 ? ['There are none.'] : inColumns([HEADING, ...answer.turns.map(turn => rowOf(turn, paint))]),
  )
  return EXIT.done
}

async function retry(call: HostCall): Promise<ExitCode> {
  const [id = ''] = call.words
  const { step } = call.options
  const answer = await call.client.turns.retry.mutate({ id, ...(step !== undefined && { step }) })
  show(call, answer, turn => [`${turn.status} ${turn.id}`])
  return EXIT.done
}

async function cancel(call: HostCall): Promise<ExitCode> {
  const [id = ''] = call.words
  show(call, await call.client.turns.cancel.mutate({ id }), turn => [`${turn.status} ${turn.id}`])
  return EXIT.done
}

/** The commands to list, retry and cancel turns. */
export const TURNS: readonly Command[] = [
  {
    name: 'turns list',
    parameters: [],
    summary: 'lists turns, newest first, and their status',
    options: {
      account: 'only of this account',
      limit: 'how many; 50 by default',
      status: `${TURN_STATUSES.join(', ')} ones only`,
    },
    examples: ['turns list', 'turns list --status dead_letter -n 200'],
    place: 'host',
    run: list,
  },
  {
    name: 'turns retry',
    parameters: ['<id>'],
    summary: 'retries a turn that was given up or waits for a person',
    options: { step: 'repeats its step of unknown outcome, or skips it; repeat by default' },
    examples: ['turns retry trn_01J00000000000000000000000', 'turns retry trn_01J00000000000000000000000 --step skip'],
    place: 'host',
    run: retry,
  },
  {
    name: 'turns cancel',
    parameters: ['<id>'],
    summary: 'cancels a turn: its agent is told to stop',
    options: {},
    examples: ['turns cancel trn_01J00000000000000000000000'],
    place: 'host',
    run: cancel,
  },
]
