import { show } from '../answer.ts'
import type { Command, HostCall } from '../command.ts'
import { countOf } from '../count.ts'
import { underDays } from '../days.ts'
import { messageHistory } from '../message-history.ts'
import { messageLine } from '../message-line.ts'
import { paintFor } from '../paint.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal.ts'

/** Prints the newest messages that are stored. */
export const MESSAGES: Command = {
  name: 'messages',
  parameters: [],
  summary: 'prints the last messages that came and went, the newest last',
  details: ['"tail" does the same and goes on. With --json the newest is the first, as the API has it.'],
  options: { account: 'those of this account alone', limit: 'so many, else 50' },
  examples: ['messages', 'messages --account sales -n 200'],
  place: 'host',
  run: messages,
}

async function messages(call: HostCall): Promise<ExitCode> {
  const count = countOf(call.options)
  if (typeof count === 'string') return calledWrongly(call.terminal, count)
  const paint = paintFor(call.terminal)
  const history = await messageHistory(call, { most: count, sinceMs: null })
  // As they came: a line makes its message plain by itself.
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
