import { asChannelError } from './errors.ts'

/** The codes of system, Node and SQLite errors: `ENOSPC`, `ERR_STREAM_DESTROYED`, `SQLITE_FULL`. */
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{1,60}$/
const CLASS = /^[A-Z][A-Za-z0-9]{1,60}$/

/** The system's or SQLite's code of an error or of one of its causes; null if there is none. */
export function systemCode(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code = 'code' in at ? at.code : null
    if (typeof code === 'string' && SYSTEM_CODE.test(code)) return code
  }
  return null
}

/** The error's class, if it is more specific than `Error`. */
const classOf = (error: unknown): string | null =>
  error instanceof Error && error.name !== 'Error' && CLASS.test(error.name) ? error.name : null

/**
 * The log fields of an error: our code and, as `cause`, the system's code if there is one. An `internal` error without such a
 * code gets its class instead, because `internal` alone says nothing. Never the error's message, which may contain anything.
 */
export function errorFields(error: unknown): { readonly code: string; readonly cause?: string } {
  const { code } = asChannelError(error)
  const cause = systemCode(error) ?? (code === 'internal' ? classOf(error) : null)
  return cause === null ? { code } : { code, cause }
}
