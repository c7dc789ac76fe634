import type { WireApproval } from '../../plugin/contract/api/approvals.ts'
import { inGroup, namedPerson } from '../texts/named-person.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { type Colour, type Paint, paintFor } from '../terminal/colour.ts'
import { statusIn } from '../command/options.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'

/** The possible statuses of an approval. */
export const APPROVAL_STATUSES = [
  'pending',
  'approved',
  'denied',
  'expired',
] as const satisfies readonly WireApproval['status'][]

const ARGUMENTS_MOST = 60
const HEADING = ['id', 'status', 'tool', 'arguments', 'for', 'until']
const COLOURS: Readonly<Record<WireApproval['status'], Colour>> = {
  pending: 'yellow',
  approved: 'green',
  denied: 'red',
  expired: 'dim',
}

/** The arguments of the tool call. A pending call's arguments are shown in full, because the important part may be at the end. */
function argumentsOf({ arguments: given, status }: WireApproval): string {
  const text = JSON.stringify(given)
  return status === 'pending' ? plainLine(text) : plainLine(text, ARGUMENTS_MOST)
}

/** Who asked for the approval, and in which group. */
function askerOf({ asked, user_id: user }: WireApproval): string {
  if (!asked) return user
  return inGroup(namedPerson(asked.address, asked.name), asked.group ?? null, asked.group_subject)
}

function tableOf(approvals: readonly WireApproval[], paint: Paint): string[] {
  if (approvals.length === 0) return ['There are none.']
  const rows = approvals.map(approval => [
    approval.id,
    paint(COLOURS[approval.status], approval.status),
    plainLine(approval.tool),
    argumentsOf(approval),
    askerOf(approval),
    approval.expires_at,
  ])
  return inColumns([HEADING, ...rows])
}

async function list(call: HostCall): Promise<ExitCode> {
  const status = statusIn(APPROVAL_STATUSES, call.options)
  if (typeof status === 'string') return calledWrongly(call.terminal, status)
  const answer = await call.client.approvals.list.query(status)
  const paint = paintFor(call.terminal)
  // The table gets the original answer: `argumentsOf` escapes the arguments itself, once, as JSON.
  show(call, answer, () => tableOf(answer.approvals, paint))
  return EXIT.done
}

async function decide(call: HostCall, approved: boolean): Promise<ExitCode> {
  const [id = ''] = call.words
  const { note } = call.options
  const answer = await call.client.approvals.decide.mutate({ id, approved, ...(note !== undefined && { note }) })
  const paint = paintFor(call.terminal)
  show(call, answer, approval => [`${paint(COLOURS[approval.status], approval.status)} ${approval.id}`])
  return EXIT.done
}

/** The commands to list and decide approvals of tool calls. */
export const APPROVALS: readonly Command[] = [
  {
    name: 'approvals list',
    parameters: [],
    summary: 'lists the tool calls that need or needed an approval',
    options: { status: 'only pending, approved, denied or expired ones' },
    examples: ['approvals list --status pending'],
    place: 'host',
    run: list,
  },
  {
    name: 'approvals approve',
    parameters: ['<id>'],
    summary: 'allows a tool call, once',
    options: { note: 'is kept with the answer' },
    examples: ['approvals approve apr_01J00000000000000000000000'],
    place: 'host',
    run: call => decide(call, true),
  },
  {
    name: 'approvals deny',
    parameters: ['<id>'],
    summary: 'denies a tool call',
    options: { note: 'the agent sees it' },
    examples: ["approvals deny apr_01J00000000000000000000000 --note 'not on a Friday'"],
    place: 'host',
    run: call => decide(call, false),
  },
]
