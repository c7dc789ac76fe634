import { asChannelError } from './errors.ts'

/** What the system, Node and SQLite call their errors: `ENOSPC`, `ERR_STREAM_DESTROYED`, `SQLITE_FULL`. */
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{1,60}$/
const CLASS = /^[A-Z][A-Za-z0-9]{1,60}$/

/** What the system or SQLite calls an error, its own cause included; null when it has no such code. */
export function systemCode(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code = 'code' in at ? at.code : null
    if (typeof code === 'string' && SYSTEM_CODE.test(code)) return code
  }
  return null
}

/** What class it is of, when that says more than that it is an error. */
const classOf = (error: unknown): string | null =>
  error instanceof Error && error.name !== 'Error' && CLASS.test(error.name) ? error.name : null

/**
 * What is logged of an error: our code for it, and beside `internal`, which says nothing, what the system calls it or its class. No
 * text of it, which may hold anything.
 */
export function errorFields(error: unknown): { readonly code: string; readonly cause?: string } {
  const { code } = asChannelError(error)
  const cause = systemCode(error) ?? (code === 'internal' ? classOf(error) : null)
  return cause === null ? { code } : { code, cause }
}
