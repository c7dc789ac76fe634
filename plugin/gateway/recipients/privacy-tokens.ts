import { createHash } from 'node:crypto'
import type { BinaryNode } from '@whiskeysockets/baileys'

import type { Person } from '../../contract/ids.ts'
import { createComputedTokens, type ComputedTokens } from './cstoken.ts'
import { jidIn, modesOf, personOfJid } from '../kinds/jid.ts'
import type { Journal } from '../tables/journal.ts'
import type { StoredKeys } from '../tables/stored-keys.ts'

/**
 * The tokens that let the account write to people: the one that a person has given it, which Baileys stores and sends along, and
 * for everybody else a computed one (whatsmeow tctoken.go, cstoken.go).
 */
export type Tokens = Pick<ComputedTokens, 'reported' | 'acted' | 'forget'> & {
  /** A mark of this person's token, if it is valid; null when there is none. */
  readonly markOf: (person: Person) => string | null
  /** The same for a token that had come before an instant (of `performance.now`). */
  readonly markBefore: (person: Person, instant: number) => string | null
  /** The nodes to send with a message for this person if they have given no token. */
  readonly computedFor: (person: Person) => BinaryNode[]
  /** Stores a token that came on a message, which Baileys ignores (Baileys#2752). */
  readonly heard: (stanza: BinaryNode) => void
  /** Baileys is about to store these tokens. */
  readonly changing: (tokens: Readonly<Record<string, unknown>>) => void
  /** Both addresses of a person became known: from now on their token is looked up under the LID. */
  readonly learned: (person: Person) => void
}

/** A token as Baileys stores it. */
type Entry = { readonly token?: Uint8Array; readonly timestamp?: string }

/** Rows among the account's keys. */
export type KeyRows = {
  readonly rowAt: (type: string, id: string) => Entry | undefined
  readonly write: (type: string, id: string, entry: Entry | null) => void
}

type TokenPorts = {
  readonly keys: StoredKeys
  /** One transaction of the account's file. */
  readonly atomically: (write: () => void) => void
  readonly guard: <Result>(work: () => Result) => Result
  readonly complete: Journal['complete']
  readonly now: () => number
}

const GIVEN = 'tctoken'
/** A token is valid for four spans of a week, the current one included: WhatsApp's own settings (whatsmeow tctoken.go). */
const SPAN_S = 604_800
const SPANS = 4
const LONGEST_TOKEN = 1_024
const MARK_LENGTH = 16
/** The number of tokens whose time of arrival is kept: enough for the messages that are under way. */
const KEPT_INSTANTS = 1_000

export function createTokens({ keys, atomically, guard, complete, now }: TokenPorts): Tokens {
  const arrivals = createArrivalTimes()
  const rows: KeyRows = {
    rowAt: (type, id) => (guard(() => keys.get(type as never, [id])) as Record<string, Entry>)[id],
    write: (type, id, entry) => atomically(() => keys.write({ [type]: { [id]: entry } } as never)),
  }
  const { tokenFor, ...computed } = createComputedTokens(rows)
  const found = (given: Person): { id: string; entry: Entry } | null => {
    const [id] = idsOf(complete(given))
    const entry = id === undefined ? undefined : rows.rowAt(GIVEN, id)
    return id !== undefined && entry && holds(entry, now()) ? { id, entry } : null
  }
  return {
    ...computed,
    ...keeping(rows, { arrivals, complete, now }),
    markOf: person => markIn(found(person)?.entry),
    markBefore: (person, instant) => {
      const given = found(person)
      return given && arrivals.of(given.id) <= instant ? markIn(given.entry) : null
    },
    computedFor: person => {
      const { lid } = complete(person)
      const token = lid && tokenFor(lid)
      return token && !found(person) ? [token] : []
    },
  }
}

type KeepingParts = Pick<TokenPorts, 'complete' | 'now'> & { readonly arrivals: ReturnType<typeof createArrivalTimes> }

function keeping(
  { rowAt, write }: KeyRows,
  { arrivals, complete, now }: KeepingParts,
): Pick<Tokens, 'heard' | 'changing' | 'learned'> {
  const changing = (id: string, entry: Entry | null): void => {
    if (entry?.token && markIn(entry) !== markIn(rowAt(GIVEN, id))) arrivals.note(id)
  }
  return {
    heard: stanza => {
      const token = tokenOn(stanza)
      const sender = personOfJid(stanza.attrs['from'])
      const [id] = sender ? idsOf(complete(sender)) : []
      if (!token || id === undefined) return
      const timestamp = Math.min(token.atS, Math.floor(now() / 1_000))
      const before = rowAt(GIVEN, id)
      if (timestamp <= Number(before?.timestamp ?? 0)) return
      const next = { ...before, token: token.bytes, timestamp: String(timestamp) }
      changing(id, next)
      write(GIVEN, id, next)
    },
    changing: tokens => {
      for (const [id, entry] of Object.entries(tokens)) changing(id, entry as Entry | null)
    },
    learned: person => {
      const [lid, number] = idsOf(person)
      const kept = number === undefined ? undefined : rowAt(GIVEN, number)
      if (lid !== undefined && kept && !rowAt(GIVEN, lid)) write(GIVEN, lid, kept)
    },
  }
}

/** When the newest tokens came, of `performance.now`; 0 for those from before. */
function createArrivalTimes() {
  const times = new Map<string, number>()
  return {
    of: (id: string): number => times.get(id) ?? 0,
    note: (id: string): void => {
      times.delete(id)
      times.set(id, performance.now())
      const [oldest] = times.keys()
      if (times.size > KEPT_INSTANTS && oldest !== undefined) times.delete(oldest)
    },
  }
}

/** The ids under which Baileys stores a token: the LID first, if it is known. */
const idsOf = (person: Person): string[] => modesOf(person).map(mode => jidIn(mode, person))

const holds = ({ token, timestamp }: Entry, now: number): boolean =>
  token !== undefined && token.length > 0 && Number(timestamp) >= oldestS(now)

const oldestS = (now: number): number => (Math.floor(now / 1_000 / SPAN_S) - (SPANS - 1)) * SPAN_S

const markIn = (entry: Entry | undefined): string | null =>
  entry?.token ? createHash('sha256').update(entry.token).digest('base64url').slice(0, MARK_LENGTH) : null

/** The token on a message in a direct chat, with its own date, else that of the message. */
function tokenOn({ attrs, content }: BinaryNode): { bytes: Buffer; atS: number } | null {
  const node = Array.isArray(content) ? content.find(({ tag }) => tag === 'tctoken') : undefined
  const bytes = node?.content
  if (!(bytes instanceof Uint8Array) || bytes.length === 0 || bytes.length > LONGEST_TOKEN) return null
  const atS = Number(node?.attrs['t'] ?? attrs['t'])
  return Number.isSafeInteger(atS) ? { bytes: Buffer.from(bytes), atS } : null
}
