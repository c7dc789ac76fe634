import type { Closing } from '../wire/connection.ts'

/** What kind of address something goes to. */
export type Place = 'lid' | 'pn' | 'group'

/** How one transmission was addressed, as the ledger has it. */
export interface Addressing {
  to: Place
  peerRecipientPn: string | null
  mode: string | null
  token: 'tctoken' | 'cstoken' | null
}

export interface Login {
  device: string
  at: string
  offline: number
  /** The client's own, the last part of `2.3000.<revision>`. */
  revision: number
  /** The routing that it was told at an earlier login, hex, as it shows it: before the first frame, and in its address. */
  routing: { prefix: string | null; address: string | null }
}

export interface Heard {
  sequence: number
  id: string
  kind: 'text' | 'reaction' | 'other'
  text: string
  /** What came with it. */
  file?: { mime: string; name: string; caption: string }
  /** How many files it says belong to it, each of which is a message of its own. */
  album?: { images: number; videos: number }
  /** The id of the album that it belongs to. */
  pieceOf?: string
  from: { name: string; phone: string; lid: string; device: number }
  /** The other side of a direct chat, or the group. */
  chat: { group: string } | { with: string }
  quotes?: string
  mentions: string[]
  /** It says that it was forwarded. */
  forwarded: boolean
  mentionsAll: boolean
  /** In how many seconds it disappears, as it says; null: it stays. */
  expiration: number | null
  /** It sets in how many seconds what is said from now on disappears; 0: it stays. */
  timerSet?: number
  reaction?: { emoji: string; to: string }
  /** Said by a device of the hearing phone's own account. */
  own: boolean
  at: string
  /** The protobuf as decrypted, base64. */
  content: string
}

/** One line of what a phone shows: what it received, and what was said on it. */
export interface ScreenLine extends Heard {
  /** How far what was said on it has come with linked devices; null for what it received. */
  tick: 'sent' | 'delivered' | 'read' | null
}

/** What happened to one message id, in whichever direction it went. */
export interface MessageRecord {
  /** How often a linked device sent it. */
  transmissions: number
  /** How each of them was addressed, in order. */
  addressed: Addressing[]
  /** How often the network put it on a linked device's line. */
  deliveries: number
  /** How often a linked device settled it by a receipt or an ack. */
  settlements: number
  errors: string[]
  /** Receipts by which a linked device answered for it, `delivered` standing for the one without a type. */
  receipts: string[]
  /** Where receipts for it went: to whom, and of whose message there they spoke; those that it was read as well. */
  receiptsTo: string[]
  /** How often a linked device said that it was read. */
  reads: number
  /** To what kind of address that was said, in order. */
  readAt: Place[]
  retries: number
  /** How often a linked device asked its own phone for it. */
  placeholders: number
  undecryptable: number
  /** What a phone found in it each time that it decrypted it: the text, empty when there was nothing to show. */
  found: string[]
  /** The secret that it had then, base64, where it had one. */
  secrets: string[]
  acks: string[]
}

export interface LedgerPage {
  version: number
  connects: { at: string; outcome: 'accepted' | 'refused' }[]
  logins: Login[]
  /** Logins and wishes to be linked that were refused. */
  failures: { device: string; reason: number | string; revision: number; at: string }[]
  pairings: { device: string; shownAs: string; at: string }[]
  /** How often the script of the web client was asked for. */
  versionAsks: number
  refusals: number
  /** Each step of a linking with a passkey that a client took, and whether the server did. */
  passkeys: { step: string; outcome: 'taken' | 'refused' }[]
  /** What phones then showed, to be compared with what the client shows. */
  passkeyCodes: string[]
  closings: { device: string; how: Closing; at: string }[]
  queued: Record<string, number>
  delivered: Record<string, number>
  redelivered: Record<string, number>
  settled: Record<string, number>
  /** The acks of linked devices, by their class. */
  acked: Record<string, number>
  /** What linked devices asked for of that which waited. */
  pages_asked: { device: string; count: number; at: string }[]
  /** The answers to the server's pings. */
  pongs: number
  queries: Record<string, number>
  /** The queries that had a planned answer, by what they asked for. */
  answered_as_planned: Record<string, number>
  /** The numbers that a device asked for: one entry for each query. */
  lookups: { device: string; numbers: string[]; at: string }[]
  typing: { device: string; state: string; to: Place; at: string }[]
  /** What each device said of being there. */
  presences: { device: string; type: string; at: string }[]
  undecryptable: { by: string; id: string; why: string }[]
  unknown: { stanza: string; why: string }[]
}

function emptyPage(): LedgerPage {
  return {
    version: 0,
    connects: [],
    logins: [],
    failures: [],
    pairings: [],
    versionAsks: 0,
    refusals: 0,
    passkeys: [],
    passkeyCodes: [],
    closings: [],
    queued: {},
    delivered: {},
    redelivered: {},
    settled: {},
    acked: {},
    pages_asked: [],
    pongs: 0,
    queries: {},
    answered_as_planned: {},
    lookups: [],
    typing: [],
    presences: [],
    undecryptable: [],
    unknown: [],
  }
}

function emptyRecord(): MessageRecord {
  return {
    transmissions: 0,
    addressed: [],
    deliveries: 0,
    settlements: 0,
    errors: [],
    receipts: [],
    receiptsTo: [],
    reads: 0,
    readAt: [],
    retries: 0,
    placeholders: 0,
    undecryptable: 0,
    found: [],
    secrets: [],
    acks: [],
  }
}

const shownLines = 300

/** What the network saw, counted; each change wakes those who wait. */
export class Ledger {
  readonly page = emptyPage()
  readonly #messages = new Map<string, MessageRecord>()
  readonly #heard = new Map<string, Heard[]>()
  readonly #said = new Map<string, Heard[]>()
  readonly #heardKeys = new Set<string>()
  readonly #passed: (id: string, passage: 'delivered_at' | 'settled_at') => void
  #waiting: (() => void)[] = []
  #sequence = 0

  /** `passed` is told when a message is put on a line, and when it is settled. */
  constructor(passed: (id: string, passage: 'delivered_at' | 'settled_at') => void = () => undefined) {
    this.#passed = passed
  }

  notePassage(id: string, passage: 'delivered_at' | 'settled_at'): void {
    this.#passed(id, passage)
  }

  write(change: (page: LedgerPage) => void): void {
    change(this.page)
    this.#changed()
  }

  writeMessage(id: string, change: (record: MessageRecord) => void): void {
    const record = this.#messages.get(id) ?? emptyRecord()
    this.#messages.set(id, record)
    change(record)
    this.#changed()
  }

  writeHeard(name: string, heard: Omit<Heard, 'sequence'>): void {
    const list = this.#heard.get(name) ?? []
    this.#heard.set(name, list)
    list.push({ ...heard, sequence: ++this.#sequence })
    this.#heardKeys.add(heardKey(name, { id: heard.id, author: heard.from.name }))
    this.#changed()
  }

  /** What was said on a phone, as it shows it. */
  writeSaid(name: string, said: Omit<Heard, 'sequence'>): void {
    const list = this.#said.get(name) ?? []
    this.#said.set(name, list)
    list.push({ ...said, sequence: ++this.#sequence })
    if (list.length > shownLines) list.shift()
    this.#changed()
  }

  /** The newest lines of a phone, oldest first. */
  screen(name: string): ScreenLine[] {
    const heard = (this.#heard.get(name) ?? []).slice(-shownLines).map(line => ({ ...line, tick: null }))
    const said = (this.#said.get(name) ?? []).map(line => ({ ...line, tick: this.#tickOf(line.id) }))
    return [...heard, ...said].sort((one, other) => one.sequence - other.sequence).slice(-shownLines)
  }

  #tickOf(id: string): 'sent' | 'delivered' | 'read' {
    const { reads, receipts } = this.message(id)
    if (reads > 0) return 'read'
    return receipts.some(type => type === 'delivered' || type === 'inactive') ? 'delivered' : 'sent'
  }

  message(id: string): MessageRecord {
    return this.#messages.get(id) ?? emptyRecord()
  }

  /** A phone shows a message once, however often it arrives. */
  hasHeard(name: string, message: { id: string; author: string }): boolean {
    return this.#heardKeys.has(heardKey(name, message))
  }

  heard(name: string, after: number): Heard[] {
    const list = this.#heard.get(name) ?? []
    return list.filter(({ sequence }) => sequence > after)
  }

  /** Resolves as soon as the page is newer than `version`, or when the time is over. */
  async changedSince(version: number, waitMs: number): Promise<void> {
    if (this.page.version > version || waitMs <= 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, waitMs)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #changed(): void {
    this.page.version += 1
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

function heardKey(name: string, { id, author }: { id: string; author: string }): string {
  return JSON.stringify([name, author, id])
}

export function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by
}

export function instantNow(): string {
  return new Date().toISOString()
}
