import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { ulid } from 'ulid'

import type { Principal } from '../../plugin/contract/host.ts'
import type { Role } from '../../plugin/contract/role.ts'
import type { OrgId } from '../../plugin/contract/ids.ts'
import { StartRefused } from './private-folder.ts'
import { openTokenRecords, type TokenRecord } from './token-records.ts'

/** The org of the token in `AGENTCY_TOKEN`. */
export const LOCAL_ORG = 'org_local'

/** For whom a token is minted. A missing `user` gets a generated id. */
export type TokenOwner = { readonly org: string; readonly role: Role; readonly user?: string | undefined }

/** The person who started the host. */
export const LOCAL_OWNER = { org: LOCAL_ORG, role: 'owner', user: 'usr_local' } as const satisfies TokenOwner

/** How long a page stays signed in: a long working day. Its token survives a restart of the host, like every token. */
export const PAGE_LIFE_MS = 12 * 3_600_000

/** The tokens of one home folder. They are read at each call, so a mint or revoke by another process takes effect at once. */
export type Tokens = {
  /** The owner of a token; null if it is unknown or has expired. */
  authenticate(token: string): Principal | null
  /** Creates a token. Only its digest is stored. */
  mint(owner: TokenOwner): { token: string; record: TokenRecord }
  /** Creates a token for a page; it expires after {@link PAGE_LIFE_MS}. */
  mintForPage(owner: TokenOwner): { token: string; record: TokenRecord }
  list(): TokenRecord[]
  /** Revokes a page's token. Returns whether it was a page's token. */
  endOfPage(token: string): boolean
  /** Returns whether a token with that id existed. */
  revoke(id: string): boolean
  /** Makes `token`, from the environment, the owner token of the local org, and revokes an earlier one from the environment. */
  keepFromEnvironment(token: string): void
  /** Deletes expired tokens. */
  clearEnded(): void
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/
const USER = /^usr_[A-Za-z0-9_-]{1,60}$/
const GIVEN_TOKEN = /^[A-Za-z0-9._~+/=-]{16,256}$/

/** A token with fewer bits is easy to guess. The bits are estimated from its length and the number of different characters. */
const LEAST_BITS = 48
const bitsOf = (token: string): number => token.length * Math.log2(new Set(token).size)

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()
const idOf = (digest: Buffer): string => `key_${digest.subarray(0, 8).toString('hex')}`

type Kind = { readonly origin: TokenRecord['origin']; readonly at: number; readonly lifeMs?: number }

function recordFor(token: string, owner: TokenOwner, { origin, at, lifeMs }: Kind): TokenRecord {
  const { org, role, user = `usr_${ulid()}` } = owner
  if (!NAME.test(org)) throw new StartRefused('An org is named by 1 to 64 letters, digits, "_" and "-".')
  if (!USER.test(user)) throw new StartRefused('A user is named by "usr_" and 1 to 60 letters, digits, "_" and "-".')
  const digest = digestOf(token)
  const createdAt = new Date(at).toISOString()
  const end = lifeMs === undefined ? {} : { expires_at: new Date(at + lifeMs).toISOString() }
  return { id: idOf(digest), org, user, role, origin, digest: digest.toString('hex'), created_at: createdAt, ...end }
}

/** Whether a token has expired. */
export const hasEnded = ({ expires_at: end }: TokenRecord, now: number): boolean =>
  end !== undefined && Date.parse(end) <= now

/**
 * Opens the tokens stored below a home folder.
 * @throws StartRefused if their folder or a file in it is open to others.
 */
export function openTokens(home: string, now: () => number = Date.now): Tokens {
  const records = openTokenRecords(home)
  const mint = (owner: TokenOwner, kind: Omit<Kind, 'at'>): { token: string; record: TokenRecord } => {
    const token = `ak_live_${randomBytes(32).toString('base64url')}`
    const record = recordFor(token, owner, { ...kind, at: now() })
    records.add(record)
    return { token, record }
  }
  return {
    authenticate(token) {
      const digest = digestOf(token)
      const record = records.find(idOf(digest))
      if (!record || !timingSafeEqual(digest, Buffer.from(record.digest, 'hex'))) return null
      if (hasEnded(record, now())) return null
      // The org was validated when the record was created. The cast is needed because only the plugin's code can create its branded
      // type.
      return { org: record.org as OrgId, user: record.user, role: record.role }
    },
    mint: owner => mint(owner, { origin: 'minted' }),
    mintForPage: owner => mint(owner, { origin: 'page', lifeMs: PAGE_LIFE_MS }),
    list: () => records.list(),
    endOfPage(token) {
      const id = idOf(digestOf(token))
      return records.list().some(each => each.id === id && each.origin === 'page') && records.remove(id)
    },
    revoke: id => records.remove(id),
    keepFromEnvironment(token) {
      if (!GIVEN_TOKEN.test(token) || bitsOf(token) < LEAST_BITS) {
        throw new StartRefused(
          'AGENTCY_TOKEN must be 16 to 256 letters, digits and . _ ~ + / = - and hard to guess. Make one with: openssl rand -hex 32',
        )
      }
      const record = recordFor(token, LOCAL_OWNER, { origin: 'environment', at: now() })
      for (const earlier of records.list()) {
        if (earlier.origin === 'environment' && earlier.id !== record.id) records.remove(earlier.id)
      }
      records.add(record)
    },
    clearEnded() {
      for (const record of records.list()) {
        if (hasEnded(record, now())) records.remove(record.id)
      }
    },
  }
}
