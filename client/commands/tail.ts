import type { WireTurn } from '../../plugin/contract/api/turns.ts'
import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { answering, type Command, type HostCall } from '../command/command.ts'
import { COUNT_MOST, countOf, type OptionValues } from '../command/options.ts'
import { follow } from '../lists/follow.ts'
import { messageHistory, type Span } from '../lists/message-history.ts'
import { newestFirst } from '../lists/newest.ts'
import { instantOf } from '../command/since.ts'
import { createLiveLog, type Past, type LiveLog } from '../lists/live-log.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'

/** Prints each new message, of all accounts unless one is named, and the end of each turn, until the person stops it. */
export const TAIL: Command = {
  name: 'tail',
  parameters: [],
  summary: 'prints messages in both directions and the ends of turns, until Ctrl-C',
  details: [
    'With -n or --since it begins with stored messages. Below a message is the end of its turn, with the',
    'command for a turn that waits for a person. With --json each line is a message or a turn, as in the API.',
  ],
  options: {
    account: 'only of this account',
    limit: 'begins with this many stored messages',
    since: 'begins with messages since then: 2026-01-02T15:00:00Z, or 10m, 2h or 3d ago',
  },
  examples: ['tail', 'tail -n 20', 'tail --since 2h', "tail --json | jq 'select(.direction) | .text'"],
  place: 'host',
  run: tail,
}

const NO_INSTANT = '--since takes a time such as 2026-01-02T15:00:00Z, or a duration such as 10m, 2h or 3d.'

/** Which stored messages are printed first; null if none, a sentence if the options are invalid. */
function spanOf(options: OptionValues): Span | null | string {
  const { limit, since } = options
  if (limit === undefined && since === undefined) return null
  const most = limit === undefined ? COUNT_MOST : countOf(options)
  if (typeof most === 'string') return most
  if (since === undefined) return { most, sinceMs: null }
  const sinceMs = instantOf(since, Date.now())
  return sinceMs === null ? NO_INSTANT : { most, sinceMs }
}

async function tail(call: HostCall): Promise<ExitCode> {
  const span = spanOf(call.options)
  if (typeof span === 'string') return calledWrongly(call.terminal, span)
  await answering(call)
  const liveLog = createLiveLog(call)
  const over = new AbortController()
  const { begun, ended } = listen(call, liveLog, over)
  try {
    await Promise.race([begun, ended])
    if (!call.terminal.signal.aborted) liveLog.begin(await pastOf(call, span))
    await ended
  } finally {
    over.abort()
  }
  return EXIT.done
}

/**
 * Follows messages and turns and passes them to the live log. `begun` resolves once both subscriptions are active and miss nothing any
 * more.
 */
function listen(call: HostCall, liveLog: LiveLog, over: AbortController) {
  const { client, terminal } = call
  const signal = AbortSignal.any([terminal.signal, over.signal])
  const [messages, turns] = [createBell(), createBell()]
  const onTurns = (): void => {
    turns.ring()
    // Turns that ended while the connection was lost are not repeated, so they are queried. A failed query is repeated at the next
    // reconnect.
    catchUp(call, liveLog).catch(() => undefined)
  }
  const ended = Promise.all([
    follow<{ data: WireMessage }>(
      observer => client.whatsapp.messages.watch.subscribe(undefined, { ...observer, onStarted: messages.ring }),
      signal,
      ({ data }) => {
        liveLog.message(data)
        return 'more'
      },
    ).finally(() => over.abort()),
    follow<WireTurn>(
      observer => client.turns.watch.subscribe(undefined, { ...observer, onStarted: onTurns }),
      signal,
      turn => {
        liveLog.turn(turn)
        return 'more'
      },
    ),
  ])
  ended.catch(() => undefined)
  return { begun: Promise.all([messages.rung, turns.rung]), ended }
}

/** `rung` resolves after the first call of `ring`. */
function createBell() {
  let ring = (): void => undefined
  const rung = new Promise<void>(resolve => (ring = resolve))
  return { rung, ring: () => ring() }
}

async function catchUp({ client }: HostCall, liveLog: LiveLog): Promise<void> {
  const { turns } = await client.turns.list.query({ limit: 200 })
  for (const turn of turns.filter(each => liveLog.isMissing(each))) liveLog.turn(turn)
}

async function pastOf(call: HostCall, span: Span | null): Promise<Past> {
  if (span === null) return { messages: [], turns: [] }
  const { messages } = await messageHistory(call, span)
  if (messages.length === COUNT_MOST) call.terminal.err.write(`These are the last ${COUNT_MOST}; there may be more.\n`)
  const inOrder = messages.toReversed()
  const [oldest] = inOrder
  return { messages: inOrder, turns: oldest ? await turnsSince(call, Date.parse(oldest.received_at)) : [] }
}

/** The turns queued since that instant. A turn is always queued after its message was received. */
async function turnsSince({ client, options: { account } }: HostCall, sinceMs: number): Promise<WireTurn[]> {
  const found: WireTurn[] = []
  const pages = newestFirst(COUNT_MOST, async asked => {
    const { turns } = await client.turns.list.query({ ...asked, ...(account !== undefined && { account }) })
    return { entries: turns, more: turns.length === asked.limit }
  })
  for await (const { entries } of pages) {
    const within = entries.filter(turn => Date.parse(turn.queued_at) >= sinceMs)
    found.push(...within)
    if (within.length === 0) break
  }
  return found
}
