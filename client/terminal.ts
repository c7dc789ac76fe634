/** Where a command writes, and what it was started with. */
export type Terminal = {
  readonly out: Stream
  readonly err: Stream
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborted when the person wants the command to end. */
  readonly signal: AbortSignal
}
type Stream = { write(text: string): unknown; readonly isTTY?: boolean | undefined }

// Controls steer a terminal; the rest turn the direction of what follows.
const STEERING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A stranger's text on one line, with nothing in it that a terminal would obey. */
export function oneLine(text: string): string {
  return text.replaceAll('\n', ' ⏎ ').replaceAll(STEERING, '')
}

/** How a command ended. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const
/** The status that the process ends with. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
