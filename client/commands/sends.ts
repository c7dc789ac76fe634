import type { SendChange, SendListItem, SendStatus } from '../../plugin/contract/api/sends.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { countOf, statusIn } from '../command/options.ts'
import { follow } from '../lists/follow.ts'
import { namedPerson } from '../texts/named-person.ts'
import { newestOf } from '../lists/newest.ts'
import { rejectionSentence } from '../texts/rejection-words.ts'
import { type Colour, type Paint, paintFor } from '../terminal/colour.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'
import { hasEnded } from '../lists/ticks.ts'

/** The possible statuses of a send. */
export const SEND_STATUSES = [
  'accepted',
  'sent',
  'delivered',
  'read',
  'rejected',
  'expired',
  'cancelled',
] as const satisfies readonly SendStatus['status'][]

const COLOURS: Partial<Record<SendStatus['status'], Colour>> = {
  delivered: 'green',
  read: 'green',
  rejected: 'red',
  expired: 'red',
  cancelled: 'dim',
}

function statusOf({ status }: Pick<SendStatus, 'status'>, paint: Paint): string {
  const colour = COLOURS[status]
  return colour ? paint(colour, status) : status
}

const WAITS_FOR: Readonly<Record<NonNullable<SendStatus['waits_for']>, string>> = {
  link: 'the account is not connected',
  lookup: 'its number is being looked up',
  lookup_budget: 'the limit of number lookups is reached',
  lookup_failed: 'its number is looked up again',
}

/** Why the send waits or was rejected; empty if there is nothing to report. */
function whyOf(send: SendStatus): string {
  const { held, position, earliest_at: earliestAt, waits_for: waitsFor, code, detail, remark } = send
  const why = [
    held && 'held: the same text has gone to many chats',
    position === null ? null : position === 0 ? 'next in the queue' : `${position} queued before it`,
    earliestAt && `not before ${earliestAt}`,
    waitsFor && WAITS_FOR[waitsFor],
    code === null ? detail : rejectionSentence(code),
    remark,
  ]
  return why.filter(part => part !== null).join(', ')
}

const HEADING = ['id', 'status', 'to', 'kind', 'accepted', 'why']

const rowOf = (send: SendListItem, paint: Paint): string[] => {
  const { id, to, to_name: name, kind, accepted_at: acceptedAt } = send
  return [id, statusOf(send, paint), namedPerson(to, name), kind, acceptedAt, whyOf(send)]
}

async function list(call: HostCall): Promise<ExitCode> {
  const { client, terminal, options } = call
  const [count, status] = [countOf(options), statusIn(SEND_STATUSES, options)]
  if (typeof count === 'string') return calledWrongly(terminal, count)
  if (typeof status === 'string') return calledWrongly(terminal, status)
  const { account } = options
  const wanted = { ...status, ...(account !== undefined && { account }) }
  const ask = client.whatsapp.sends.list
  const sends = await newestOf(count, async asked => (await ask.query({ ...wanted, ...asked })).sends)
  const paint = paintFor(terminal)
  show(call, { sends }, answer =>
    sends.length === 0 ? ['There are none.'] : inColumns([HEADING, ...answer.sends.map(send => rowOf(send, paint))]),
  )
  return EXIT.done
}

function showOne(call: HostCall, found: SendStatus): void {
  const paint = paintFor(call.terminal)
  show(call, found, send => {
    const why = whyOf(send)
    return [
      `${statusOf(send, paint)} ${send.id} to ${namedPerson(send.to, send.to_name)}${why === '' ? '' : ` (${why})`}`,
    ]
  })
}

async function get(call: HostCall): Promise<ExitCode> {
  const [id = ''] = call.words
  const found = await call.client.whatsapp.sends.get.query({ id })
  showOne(call, found)
  return call.options.watch === true ? watch(call, found) : EXIT.done
}

const isOver = ({ status }: Pick<SendStatus, 'status'>): boolean => status === 'read' || hasEnded(status)

/**
 * Follows a send. A change contains only the new status, so the full status is queried after each change. An unchanged status is
 * printed once.
 */
async function watch(call: HostCall, first: SendStatus): Promise<ExitCode> {
  if (isOver(first)) return EXIT.done
  const { id } = first
  const { terminal } = call
  const { sends } = call.client.whatsapp
  const over = new AbortController()
  let shown = first
  const look = async (): Promise<void> => {
    const found = await sends.get.query({ id })
    if (found.status !== shown.status && !terminal.signal.aborted) showOne(call, found)
    shown = found
    if (isOver(found)) over.abort()
  }
  let looking = Promise.resolve()
  const lookAgain = (): void => {
    looking = looking.then(look)
    looking.catch(() => over.abort())
  }
  await follow<{ data: SendChange }>(
    // The query when the subscription starts finds changes that happened before it.
    observer => sends.watch.subscribe(undefined, { ...observer, onStarted: lookAgain }),
    AbortSignal.any([terminal.signal, over.signal]),
    ({ data: change }) => {
      if (change.id === id) lookAgain()
      return 'more'
    },
  )
  await looking
  return EXIT.done
}

async function cancel(call: HostCall): Promise<ExitCode> {
  const [id = ''] = call.words
  show(call, await call.client.whatsapp.sends.cancel.mutate({ id }), ({ status }) => [`${status} ${id}`])
  return EXIT.done
}

/** The commands to list, show and cancel sends. */
export const SENDS: readonly Command[] = [
  {
    name: 'sends list',
    parameters: [],
    summary: 'lists sent and queued messages, newest first',
    options: {
      account: 'only of this account',
      limit: 'how many; 50 by default',
      status: `${SEND_STATUSES.join(', ')} ones only`,
    },
    examples: ['sends list', 'sends list --status accepted -n 200'],
    place: 'host',
    run: list,
  },
  {
    name: 'sends get',
    parameters: ['<id>'],
    summary: 'shows the status of a send, and why it waits',
    options: { watch: 'and follows it until it is read or has ended' },
    examples: ['sends get snd_01J00000000000000000000000 --watch'],
    place: 'host',
    run: get,
  },
  {
    name: 'sends cancel',
    parameters: ['<id>'],
    summary: 'cancels a send that is still queued',
    options: {},
    examples: ['sends cancel snd_01J00000000000000000000000'],
    place: 'host',
    run: cancel,
  },
]
