/** Where a command reads and writes, and what it was started with. */
export type Terminal = {
  readonly out: Stream
  readonly err: Stream
  /** What is piped or typed in, in pieces; `isTTY`: by a person. */
  readonly input: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined }
  readonly environment: Environment
  /** Aborted when the person wants the command to end. */
  readonly signal: AbortSignal
}
/** The variables that a command was started with. */
export type Environment = Readonly<Record<string, string | undefined>>
/** One of the two places that a command writes to. */
export type Stream = {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** How wide a terminal is; missing or 0 when nobody knows. */
  readonly columns?: number | undefined
}

/** How a command ended. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const
/** The status that the process ends with. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Says why a command was not done, and what it ends with then. */
export function failed({ err }: Pick<Terminal, 'err'>, sentence: string): ExitCode {
  err.write(`${sentence}\n`)
  return EXIT.failed
}

/** Says how a command was called wrongly, and what it ends with then. */
export function calledWrongly({ err }: Pick<Terminal, 'err'>, sentence: string): ExitCode {
  err.write(`${sentence}\n`)
  return EXIT.usage
}
