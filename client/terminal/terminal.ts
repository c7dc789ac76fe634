/** The streams of a command, and its environment. */
export type Terminal = {
  readonly out: Stream
  readonly err: Stream
  /** Piped or typed input, in pieces; `isTTY`: a person types it. */
  readonly input: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined }
  readonly environment: Environment
  /** Aborted when the person ends the command. */
  readonly signal: AbortSignal
}
/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>
/** Standard output or standard error. */
export type Stream = {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** The width of the terminal; missing or 0 if unknown. */
  readonly columns?: number | undefined
}

/** The exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const
/** The exit code of the process. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Prints why a command failed and returns its exit code. */
export function failed({ err }: Pick<Terminal, 'err'>, sentence: string): ExitCode {
  err.write(`${sentence}\n`)
  return EXIT.failed
}

/** Prints why a call is invalid and returns its exit code. */
export function calledWrongly({ err }: Pick<Terminal, 'err'>, sentence: string): ExitCode {
  err.write(`${sentence}\n`)
  return EXIT.usage
}
