import type { WireLoop } from '../../plugin/contract/api/loops.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

const SIGNS: Readonly<Record<WireLoop['sign'], string>> = {
  quick_turns: 'many turns in a row, each soon after our reply',
  same_text: 'the same text again and again',
  turns_per_hour: 'too many turns in an hour',
}

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.loops.list.query(), ({ loops }) =>
    inColumns(loops.map(({ chat, account, sign, since }) => [chat, account, SIGNS[sign], `since ${since}`])),
  )
  return EXIT.done
}

async function end(call: HostCall): Promise<ExitCode> {
  const [chat = ''] = call.words
  const { account } = call.options
  const ended = await call.client.loops.end.mutate({ chat, ...(account !== undefined && { account }) })
  show(call, ended, () => [`${chat} is answered again`])
  return EXIT.done
}

/** The commands for chats in which a machine seems to answer. */
export const LOOPS: readonly Command[] = [
  {
    name: 'loops list',
    parameters: [],
    summary: 'lists the chats in which a machine seems to answer',
    options: {},
    examples: ['loops list'],
    place: 'host',
    run: list,
  },
  {
    name: 'loops end',
    parameters: ['<chat>'],
    summary: 'answers such a chat again',
    options: { account: 'the account, if not "default"' },
    examples: ['loops end +972500000002'],
    place: 'host',
    run: end,
  },
]
