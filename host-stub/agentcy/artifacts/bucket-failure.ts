/**
 * A failed bucket operation. Contains only a code from the SDK's error: a server's own message may repeat what was sent, including
 * the name of the key.
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

/** Passes on the content to write, and marks errors of reading it, so that they are not attributed to the bucket. */
export async function* marked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } catch (cause) {
    throw new Unread('what is to be written cannot be read', { cause })
  }
}

type Said = { name?: unknown; code?: unknown; $metadata?: { httpStatusCode?: number } }

const CODE = /^[A-Za-z][A-Za-z0-9_.]{1,63}$/
/** Names that the SDK uses when the response had no error message. */
const VAGUE = new Set(['Error', 'Unknown', 'UnknownError', 'AggregateError'])

const isObject = (value: unknown): value is Said => typeof value === 'object' && value !== null

/** Whether the error means that the key does not exist. A missing bucket does not count. */
export const isMissing = (error: unknown): boolean =>
  isObject(error) && (error.name === 'NoSuchKey' || error.name === 'NotFound')

/** The error to throw for a failure: the original error if marked content could not be read, else a {@link BucketFailure}. */
export function failureOf(error: unknown): unknown {
  if (error instanceof Unread) return error.cause
  if (error instanceof BucketFailure) return error
  const { name, code, $metadata } = isObject(error) ? error : {}
  const said = [code, name].find(word => typeof word === 'string' && CODE.test(word) && !VAGUE.has(word))
  return new BucketFailure(typeof said === 'string' ? said : `status_${$metadata?.httpStatusCode ?? 'none'}`)
}
