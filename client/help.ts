import { plainLine } from '../plugin/contract/plain-text.ts'
import { inColumns } from './terminal/columns.ts'
import { type Command, usageOf } from './command/command.ts'
import { COMMANDS, commandsIn } from './command-table.ts'
import { nearest } from './command/nearest.ts'
import { type OptionName, writtenOption } from './command/options.ts'

const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['--json', 'prints the host’s answer as JSON, one value per line'],
  ['--help', 'prints the help; after a command’s name, the help of that command'],
]

const indented = (lines: readonly string[]): string[] => lines.map(line => `  ${line}`)

const overview = (commands: readonly Command[]): string[] =>
  indented(inColumns(commands.map(({ name, parameters, summary }) => [[name, ...parameters].join(' '), summary])))

const OVERALL = `
The host and the token come from the environment, so that no token appears in a list of processes:
  AGENTCY_URL     http://127.0.0.1:8080 unless set
  AGENTCY_TOKEN   a bearer token of the host
  NO_COLOR        no colours on a terminal either; piped there are none

Exit codes: 0 success, 1 failure or refusal, 2 usage error.
"agentcy-whatsapp send --help" has more about one command, with examples.
`

/** The text of `--help`. */
export function help(): string {
  const lines = ['agentcy-whatsapp <command>: the WhatsApp channel of an Agentcy host', '', ...overview(COMMANDS), '']
  return [...lines, ...indented(inColumns(EVERYWHERE)), OVERALL].join('\n')
}

/** The text of `--help` for a group of commands. */
export function groupHelp(commands: readonly Command[]): string {
  return ['agentcy-whatsapp <command>', '', ...overview(commands), ''].join('\n')
}

const MOST_SHOWN = 60

/** The words that were meant as a command's name, and the most similar existing name; `name` is null if none is similar. */
function meant(words: readonly string[], group: string | null): { written: string; name: string | null } {
  const names = COMMANDS.map(({ name }) => name)
  const two = words.slice(0, 2).join(' ')
  if (group !== null) {
    const prefix = `${group} `
    const own = names.flatMap(name => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
    const name = nearest(words[1] ?? '', own)
    return { written: two, name: name === null ? null : prefix + name }
  }
  const pair = nearest(two, names)
  if (pair?.includes(' ') && two.includes(' ')) return { written: two, name: pair }
  return { written: words[0] ?? '', name: nearest(words[0] ?? '', names) }
}

/** The error text for words that name no command, or none of their group. */
export function unknownCommand(words: readonly string[]): string {
  const [first = ''] = words
  const group = commandsIn(first).length > 0 ? first : null
  const { written, name } = meant(words, group)
  const question = name === null ? '' : ` Did you mean "${name}"?`
  const more =
    group === null
      ? '"agentcy-whatsapp --help" lists all commands.'
      : `"agentcy-whatsapp ${group} --help" lists those of this group.`
  return `Unknown command "${plainLine(written, MOST_SHOWN)}".${question}\n${more}`
}

/** The text of `--help` for one command. */
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
