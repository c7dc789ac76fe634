import { parseArgs } from 'node:util'

import { createWhatsAppClient } from './client.ts'
import { type Call, type Command, takesWords, usageOf } from './command/command.ts'
import { commandNamed, commandsIn } from './command-table.ts'
import { commandHelp, groupHelp, help, unknownCommand } from './help.ts'
import { hostAddress } from './command/host-address.ts'
import { faultOf, type OptionName, OPTIONS, type OptionValues } from './command/options.ts'
import { reasonOf } from './command/refusal.ts'
import { calledWrongly, EXIT, type ExitCode, failed, type Terminal } from './terminal/terminal.ts'

/** The parsed command line, or a sentence that says why it cannot be parsed. */
type Parsed = { readonly words: readonly string[]; readonly options: OptionValues } | { readonly fault: string }

function parse(argv: readonly string[]): Parsed {
  try {
    const { positionals, values } = parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS })
    const options = values as OptionValues
    const fault = faultOf(options)
    return fault === null ? { words: positionals, options } : { fault }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'The options cannot be read.' }
  }
}

const TAKEN_BY_ALL: readonly string[] = ['json', 'help'] satisfies OptionName[]

/** What is wrong with the call, as a sentence; null if nothing. */
function misuseOf(command: Command, { words, options }: Pick<Call, 'words' | 'options'>): string | null {
  const foreign = Object.keys(options).find(name => !TAKEN_BY_ALL.includes(name) && !(name in command.options))
  if (foreign !== undefined) return `"${command.name}" takes no --${foreign}.`
  return takesWords(command, words.length) ? null : 'It has too few arguments, or too many.'
}

const pointer = (command: Command): string =>
  `  ${usageOf(command)}\n"agentcy-whatsapp ${command.name} --help" has details.`

/** Runs one command and returns the exit code of the process. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parse(argv)
  if ('fault' in parsed) return calledWrongly(terminal, `${parsed.fault}\n"agentcy-whatsapp --help" has details.`)
  const { words, options } = parsed
  const command = commandNamed(words)
  if (!command) return runNone(words, options, terminal)
  if (options.help === true) {
    terminal.out.write(commandHelp(command))
    return EXIT.done
  }
  const call = { terminal, words: words.slice(command.name.split(' ').length), options }
  const misuse = misuseOf(command, call)
  if (misuse !== null) return calledWrongly(terminal, `${misuse}\n${pointer(command)}`)
  return command.place === 'machine' ? command.run(call) : runAtHost(command, call)
}

/** Handles words that name no command: a group of commands, unknown words, or no words at all. */
function runNone(words: readonly string[], options: OptionValues, terminal: Terminal): ExitCode {
  const group = commandsIn(words[0])
  if (words.length > (group.length > 0 ? 1 : 0)) return calledWrongly(terminal, unknownCommand(words))
  const text = group.length > 0 ? groupHelp(group) : help()
  if (options.help === true) terminal.out.write(text)
  else terminal.err.write(text)
  return options.help === true ? EXIT.done : EXIT.usage
}

async function runAtHost(command: Extract<Command, { place: 'host' }>, call: Call): Promise<ExitCode> {
  const host = hostAddress(call.terminal.environment)
  if (typeof host === 'string') return calledWrongly(call.terminal, host)
  const { client, close } = createWhatsAppClient({ url: host.origin, token: host.token })
  try {
    return await command.run({ ...call, client, host })
  } catch (thrown) {
    return failed(call.terminal, reasonOf(thrown, host.origin, call.options.account))
  } finally {
    await close()
  }
}
