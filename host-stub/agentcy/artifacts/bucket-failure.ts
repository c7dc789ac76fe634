/**
 * A bucket did not do what it was asked. Only a code is kept of what the SDK said: a server's own words may repeat what
 * was sent, the name of the key included.
 */
export class BucketFailure extends Error {
  readonly code: string

  constructor(code: string) {
    super(`the bucket failed: ${code}`)
    this.name = 'BucketFailure'
    this.code = code
  }
}

class Unread extends Error {}

/** Passes on what is to be written, and marks its failures as none of the bucket's. */
export async function* marked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } catch (cause) {
    throw new Unread('what is to be written cannot be read', { cause })
  }
}

type Said = { name?: unknown; code?: unknown; $metadata?: { httpStatusCode?: number } }

const CODE = /^[A-Za-z][A-Za-z0-9_.]{1,63}$/
/** What the SDK says when the answer had no words. */
const VAGUE = new Set(['Error', 'Unknown', 'UnknownError', 'AggregateError'])

const isObject = (value: unknown): value is Said => typeof value === 'object' && value !== null

/** Whether it says that there is nothing under a key. A bucket that is missing is something else. */
export const isMissing = (error: unknown): boolean =>
  isObject(error) && (error.name === 'NoSuchKey' || error.name === 'NotFound')

/** What is told of a failure: what went wrong as something was read that is marked, or a {@link BucketFailure}. */
export function failureOf(error: unknown): unknown {
  if (error instanceof Unread) return error.cause
  if (error instanceof BucketFailure) return error
  const { name, code, $metadata } = isObject(error) ? error : {}
  const said = [code, name].find(word => typeof word === 'string' && CODE.test(word) && !VAGUE.has(word))
  return new BucketFailure(typeof said === 'string' ? said : `status_${$metadata?.httpStatusCode ?? 'none'}`)
}
