import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import type { TokenOwner } from './tokens.ts'

/** For how long a code may be used: as long as somebody may need to get to the link that was printed. */
export const CODE_LIFE_MS = 10 * 60_000

/** Codes that each let one person in, once. They are kept in memory and hashed: a restart ends them. */
export type SignInCodes = {
  /** Makes a code of 256 random bits, base64url. It is returned this once. */
  issue(owner: TokenOwner): string
  /** For whom a code was made, the first time that it is given; null when it was used, is too old or was never made. */
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
