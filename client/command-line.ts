import { parseArgs } from 'node:util'

import { TRPCClientError } from '@trpc/client'

import type { AppRouter } from '../plugin/api/router.ts'
import { createWhatsAppClient, type WhatsAppClient } from './client.ts'
import { pair } from './commands/pair.ts'
import { send } from './commands/send.ts'
import { status } from './commands/status.ts'
import { tail } from './commands/tail.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'
import { USAGE } from './usage.ts'

type Command = (connection: WhatsAppClient, terminal: Terminal) => Promise<ExitCode>

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** `account` is null when none was named. */
type Options = { readonly json: boolean; readonly account: string | null }

function commandOf(positionals: readonly string[], options: Options): Command | null {
  const [name, to, text, ...rest] = positionals
  if (name === 'send' && to !== undefined && text !== undefined && rest.length === 0) {
    return (connection, terminal) => send(connection, terminal, { to, text, ...options })
  }
  if (positionals.length !== 1) return null
  if (name === 'pair') return (connection, terminal) => pair(connection, terminal, options)
  if (name === 'status') return (connection, terminal) => status(connection, terminal, options)
  return name === 'tail' ? (connection, terminal) => tail(connection, terminal, options) : null
}

function parse(argv: readonly string[]): Command | 'help' | null {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        account: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values.help ? 'help' : commandOf(positionals, { json: values.json, account: values.account ?? null })
  } catch {
    return null
  }
}

function reasonOf(thrown: unknown, url: string): string {
  const refusal: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  const error = refusal?.data?.error
  if (error) return `${error.message} (${error.code}, ${error.request_id})`
  return `The host at ${url} did not answer. Is it running, and does AGENTCY_URL name it?`
}

async function runCommand(command: Command, token: string, terminal: Terminal): Promise<ExitCode> {
  const { origin } = new URL(terminal.environment['AGENTCY_URL'] ?? DEFAULT_URL)
  const connection = createWhatsAppClient({ url: origin, token })
  try {
    return await command(connection, terminal)
  } catch (thrown) {
    terminal.err.write(`${reasonOf(thrown, origin)}\n`)
    return EXIT.failed
  } finally {
    await connection.close()
  }
}

/** Runs one command and says what the process is to end with. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const command = parse(argv)
  if (command === 'help') {
    terminal.out.write(USAGE)
    return EXIT.done
  }
  if (command === null) {
    terminal.err.write(USAGE)
    return EXIT.usage
  }
  const url = terminal.environment['AGENTCY_URL'] ?? DEFAULT_URL
  const token = terminal.environment['AGENTCY_TOKEN']
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    terminal.err.write('AGENTCY_URL is not an http or https address.\n')
    return EXIT.usage
  }
  if (token === undefined || token === '') {
    terminal.err.write('AGENTCY_TOKEN is not set: put a bearer token of the host there.\n')
    return EXIT.usage
  }
  return runCommand(command, token, terminal)
}
