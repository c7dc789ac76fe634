import type { WireTakeover } from '../../plugin/contract/api/takeovers.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

const BY: Readonly<Record<WireTakeover['by'], string>> = { owner: 'on the phone', operator: 'from here' }

const endOf = ({ until }: WireTakeover): string => (until === null ? 'until handed back' : `until ${until}`)

const rowOf = (takeover: WireTakeover): string[] => {
  const { chat, account, by, since } = takeover
  return [chat, account, BY[by], `since ${since}`, endOf(takeover)]
}

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.takeovers.list.query(), ({ takeovers }) =>
    takeovers.length === 0 ? ['There are none.'] : inColumns(takeovers.map(rowOf)),
  )
  return EXIT.done
}

const meantBy = ({ words: [chat = ''], options: { account } }: HostCall) => ({
  chat,
  ...(account !== undefined && { account }),
})

async function begin(call: HostCall): Promise<ExitCode> {
  const { until } = call.options
  const begun = await call.client.takeovers.begin.mutate({ ...meantBy(call), ...(until !== undefined && { until }) })
  show(call, begun, takeover => [`${takeover.chat} is taken over ${endOf(takeover)}`])
  return EXIT.done
}

async function end(call: HostCall): Promise<ExitCode> {
  const ended = await call.client.takeovers.end.mutate(meantBy(call))
  show(call, ended, ({ chat }) => [`${chat} is handed back to its agent`])
  return EXIT.done
}

const account = 'the account, if not "default"'

/** The commands for chats that people have taken over from agents. */
export const TAKEOVERS: readonly Command[] = [
  {
    name: 'takeovers list',
    parameters: [],
    summary: 'lists the chats that people have taken over from agents',
    options: {},
    examples: ['takeovers list'],
    place: 'host',
    run: list,
  },
  {
    name: 'takeovers begin',
    parameters: ['<chat>'],
    summary: 'takes a chat over: its agent sends nothing more',
    options: { until: 'when the agent resumes by itself, such as 2026-01-02T15:00:00Z', account },
    examples: ['takeovers begin +972500000002', 'takeovers begin +972500000002 --until 2026-01-02T15:00:00Z'],
    place: 'host',
    run: begin,
  },
  {
    name: 'takeovers end',
    parameters: ['<chat>'],
    summary: 'hands a chat back to its agent',
    options: { account },
    examples: ['takeovers end +972500000002'],
    place: 'host',
    run: end,
  },
]
