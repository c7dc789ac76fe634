import type { WhatsAppClient } from './client.ts'
import type { OptionName, OptionValues } from './options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** Where the host is, and with which token it is asked. */
export type HostAddress = { readonly origin: string; readonly token: string }

/** What a command was called with. */
export type Call = {
  readonly terminal: Terminal
  /** What stands behind its name, without the options. */
  readonly words: readonly string[]
  readonly options: OptionValues
}
/** The same for a command that asks a host. */
export type HostCall = Call & {
  readonly client: WhatsAppClient['client']
  readonly host: HostAddress
}

type Described = {
  /** One word, or two for one of a group: `bindings list`. */
  readonly name: string
  /** `<needed>` ones first, then `[others]`; the last may end with `…` for any number more. */
  readonly parameters: readonly string[]
  /** What it does, on one line. */
  readonly summary: string
  /** More that a person may want to know; a line each. */
  readonly details?: readonly string[]
  /** The options that it takes besides --json and --help, and what each does here. */
  readonly options: { readonly [Name in OptionName]?: string }
  /** What stands behind the name of the program. */
  readonly examples: readonly string[]
}

/** One thing that the command line does. `host`: it needs a token; `machine`: it looks at this machine and needs nothing. */
export type Command = Described &
  (
    | { readonly place: 'host'; run(call: HostCall): Promise<ExitCode> }
    | { readonly place: 'machine'; run(call: Call): Promise<ExitCode> }
  )

/** How it is written: `agentcy-whatsapp send <to> [text]`. */
export function usageOf({ name, parameters }: Described): string {
  return ['agentcy-whatsapp', name, ...parameters].join(' ')
}

/** Whether so many words may stand behind its name. */
export function takesWords({ parameters }: Described, count: number): boolean {
  const least = parameters.filter(parameter => parameter.startsWith('<')).length
  const most = parameters.at(-1)?.includes('…') ? Number.POSITIVE_INFINITY : parameters.length
  return count >= least && count <= most
}
