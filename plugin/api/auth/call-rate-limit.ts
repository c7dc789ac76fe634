import type { Audit } from '../../contract/audit.ts'
import type { CallLimits } from '../../contract/limits.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import type { Log } from '../../contract/host.ts'
import { type Caller, RefusedCalls } from './refused-calls.ts'

/** The call budget of one token, shared by REST, HTTP and WebSocket calls. */
export type Calls = {
  /** Takes one call. @throws ChannelError `too_many_calls` */
  readonly take: () => void
  /** Throws the same error if no call is left, before the request is read. */
  readonly expect: () => void
}

/** What the counting needs. */
export type CallBucketParts = {
  readonly limits: () => CallLimits
  /** ms, of a monotonic clock. */
  readonly clock: () => number
  readonly audit: Audit
  readonly log: Log
}

/** How many calls a token has left, and as of when. */
type Bucket = { left: number; at: number }

/** From this many tokens on, deletes buckets that are full again. */
const BUCKETS_MOST = 1_000

/** Limits each token to a rate of calls per second, with a burst after a rest. */
export class CallBuckets {
  readonly #parts: CallBucketParts
  readonly #buckets = new Map<string, Bucket>()
  readonly #refused: RefusedCalls

  constructor(parts: CallBucketParts) {
    this.#parts = parts
    this.#refused = new RefusedCalls(parts)
  }

  of(caller: Caller): Calls {
    return {
      expect: () => void this.#bucketOf(caller),
      take: () => {
        this.#bucketOf(caller).left -= 1
      },
    }
  }

  /** Writes the remaining refusals to the audit log. */
  close(): Promise<void> {
    return this.#refused.close()
  }

  /** The bucket of a caller who has a call left; throws otherwise. */
  #bucketOf(caller: Caller): Bucket {
    const { burst, perSecond } = this.#parts.limits()
    const bucket = this.#buckets.get(caller.token) ?? this.#add(caller.token, { left: burst, at: this.#parts.clock() })
    this.#fill(bucket)
    if (bucket.left >= 1) return bucket
    this.#refused.add(caller)
    const waitMs = Math.ceil(((1 - bucket.left) / perSecond) * 1_000)
    throw new ChannelError('too_many_calls', undefined, { retry_at: new Date(Date.now() + waitMs).toISOString() })
  }

  #add(token: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= BUCKETS_MOST) this.#forgetFull()
    this.#buckets.set(token, bucket)
    return bucket
  }

  #fill(bucket: Bucket): void {
    const { burst, perSecond } = this.#parts.limits()
    const now = this.#parts.clock()
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / 1_000) * perSecond)
    bucket.at = now
  }

  #forgetFull(): void {
    const { burst } = this.#parts.limits()
    for (const [token, bucket] of this.#buckets) {
      this.#fill(bucket)
      if (bucket.left >= burst) this.#buckets.delete(token)
    }
  }
}
