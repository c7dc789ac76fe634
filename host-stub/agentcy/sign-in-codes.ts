import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import type { TokenOwner } from './tokens.ts'

/** How long a code is valid: enough time to open the printed link. */
export const CODE_LIFE_MS = 10 * 60_000

/** Sign-in codes, each valid once. Only their hashes are kept, in memory, so a restart ends them. */
export type SignInCodes = {
  /** Creates a code of 256 random bits in base64url. The code itself is not stored. */
  issue(owner: TokenOwner): string
  /** Redeems a code and returns its owner; null if it was used, has expired or never existed. */
  take(code: string): TokenOwner | null
}

type Kept = { readonly digest: Buffer; readonly owner: TokenOwner; readonly endsAt: number }

const digestOf = (code: string): Buffer => createHash('sha256').update(code).digest()

export function createSignInCodes(now: () => number = Date.now): SignInCodes {
  let kept: readonly Kept[] = []
  return {
    issue(owner) {
      const code = randomBytes(32).toString('base64url')
      kept = [...kept, { digest: digestOf(code), owner, endsAt: now() + CODE_LIFE_MS }]
      return code
    },
    take(code) {
      const digest = digestOf(code)
      const found = kept.filter(each => timingSafeEqual(each.digest, digest))
      kept = kept.filter(each => !found.includes(each) && each.endsAt > now())
      return found.find(({ endsAt }) => endsAt > now())?.owner ?? null
    },
  }
}
