import { show } from '../command/answer.ts'
import type { Command, HostCall } from '../command/command.ts'
import { countOf } from '../command/options.ts'
import { underDays } from '../texts/days.ts'
import { messageHistory } from '../lists/message-history.ts'
import { messageLine } from '../texts/message-line.ts'
import { paintFor } from '../terminal/colour.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'

/** Prints the newest stored messages. */
export const MESSAGES: Command = {
  name: 'messages',
  parameters: [],
  summary: 'prints the last messages in both directions, newest last',
  details: ['"tail" does the same and follows. With --json the newest is first, as in the API.'],
  options: { account: 'only of this account', limit: 'how many; 50 by default' },
  examples: ['messages', 'messages --account sales -n 200'],
  place: 'host',
  run: messages,
}

async function messages(call: HostCall): Promise<ExitCode> {
  const count = countOf(call.options)
  if (typeof count === 'string') return calledWrongly(call.terminal, count)
  const paint = paintFor(call.terminal)
  const history = await messageHistory(call, { most: count, sinceMs: null })
  // The original history is used, because `messageLine` escapes hidden characters itself.
  show(call, history, () =>
    history.messages.length === 0
      ? ['There are none.']
      : underDays(history.messages.toReversed(), paint).flatMap(({ day, message }) => [
          ...(day === null ? [] : [day]),
          messageLine(message, paint),
        ]),
  )
  return EXIT.done
}
