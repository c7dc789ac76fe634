import { inColumns } from './columns.ts'
import { type Command, usageOf } from './command.ts'
import { COMMANDS } from './command-table.ts'
import { type OptionName, writtenOption } from './options.ts'

const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['--json', 'prints what the host answers, as JSON, one value a line'],
  ['--help', 'prints the help, of one command behind its name'],
]

const indented = (lines: readonly string[]): string[] => lines.map(line => `  ${line}`)

const overview = (commands: readonly Command[]): string[] =>
  indented(inColumns(commands.map(({ name, parameters, summary }) => [[name, ...parameters].join(' '), summary])))

const OVERALL = `
The host and the token come from the environment, so that no token shows in a list of processes:
  AGENTCY_URL     http://127.0.0.1:8080 unless set
  AGENTCY_TOKEN   a bearer token of the host
  NO_COLOR        no colours on a terminal either; piped there are none

It ends with 0 when it is done, with 1 when it failed or was refused, and with 2 when it was called wrongly.
"agentcy-whatsapp send --help" has more about one command, with examples.
`

/** What `--help` prints. */
export function help(): string {
  const lines = ['agentcy-whatsapp <command>: the WhatsApp channel of an Agentcy host', '', ...overview(COMMANDS), '']
  return [...lines, ...indented(inColumns(EVERYWHERE)), OVERALL].join('\n')
}

/** What `--help` prints behind the name of a group. */
export function groupHelp(commands: readonly Command[]): string {
  return ['agentcy-whatsapp <command>', '', ...overview(commands), ''].join('\n')
}

/** What `--help` prints behind the name of a command. */
export function commandHelp(command: Command): string {
  const own = Object.entries(command.options).map(([name, what]) => [writtenOption(name as OptionName), what] as const)
  const examples = command.examples.map(example =>
    example.includes('agentcy-whatsapp ') ? example : `agentcy-whatsapp ${example}`,
  )
  return [
    usageOf(command),
    '',
    ...indented([command.summary, ...(command.details ?? [])]),
    '',
    ...indented(inColumns([...own, ...EVERYWHERE])),
    '',
    ...indented(examples),
    '',
  ].join('\n')
}
