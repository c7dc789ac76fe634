import type { WhatsAppClient } from '../client.ts'
import type { OptionName, OptionValues } from './options.ts'
import type { ExitCode, Terminal } from '../terminal/terminal.ts'

/** The address of the host, and the token for it. */
export type HostAddress = { readonly origin: string; readonly token: string }

/** What a command was called with. */
export type Call = {
  readonly terminal: Terminal
  /** The arguments after the command's name, without the options. */
  readonly words: readonly string[]
  readonly options: OptionValues
}
/** The call of a command that talks to a host. */
export type HostCall = Call & {
  readonly client: WhatsAppClient['client']
  readonly host: HostAddress
}

type Described = {
  /** One word, or two for a command of a group: `bindings list`. */
  readonly name: string
  /**
   * Required parameters as `<name>` first, then optional ones as `[name]`; `…` at the end of the last one allows any number more.
   */
  readonly parameters: readonly string[]
  /** What it does, on one line. */
  readonly summary: string
  /** Further explanations, one per line. */
  readonly details?: readonly string[]
  /** The options that it accepts besides --json and --help, and what each does for this command. */
  readonly options: { readonly [Name in OptionName]?: string }
  /** Example calls, without the name of the program. */
  readonly examples: readonly string[]
}

/** A command. `host`: it needs a host and a token; `machine`: it inspects this machine and needs neither. */
export type Command = Described &
  (
    | { readonly place: 'host'; run(call: HostCall): Promise<ExitCode> }
    | { readonly place: 'machine'; run(call: Call): Promise<ExitCode> }
  )

/** The usage line: `agentcy-whatsapp send <to> [text]`. */
export function usageOf({ name, parameters }: Described): string {
  return ['agentcy-whatsapp', name, ...parameters].join(' ')
}

/** Whether the command accepts this number of arguments. */
export function takesWords({ parameters }: Described, count: number): boolean {
  const least = parameters.filter(parameter => parameter.startsWith('<')).length
  const most = parameters.at(-1)?.includes('…') ? Number.POSITIVE_INFINITY : parameters.length
  return count >= least && count <= most
}

/**
 * Resolves once the host has answered a query. A subscription waits silently for a host that is down, so a command that starts with
 * a subscription calls this first and the person sees the error.
 * @throws the error that keeps the call from the host.
 */
export async function answering({ client }: Pick<HostCall, 'client'>): Promise<void> {
  await client.channels.list.query()
}
