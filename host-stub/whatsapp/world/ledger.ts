import type { Closing } from '../wire/connection.ts'
import { Recent } from './recent.ts'

/** The kind of an address. */
export type Place = 'lid' | 'pn' | 'group'

/** How one transmission was addressed. */
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
  /** The client's revision, the last part of `2.3000.<revision>`. */
  revision: number
  /** The routing from an earlier login, hex, as the client repeats it: before the first frame, and in its URL. */
  routing: { prefix: string | null; address: string | null }
}

export interface Heard {
  sequence: number
  id: string
  kind: 'text' | 'reaction' | 'other'
  text: string
  /** The file of the message. */
  file?: { mime: string; name: string; caption: string }
  /** How many files the album announces, each of which is a message of its own. */
  album?: { images: number; videos: number }
  /** The id of the album that it belongs to. */
  pieceOf?: string
  from: { name: string; phone: string; lid: string; device: number }
  /** The peer of a direct chat, or the group. */
  chat: { group: string } | { with: string }
  quotes?: string
  mentions: string[]
  /** The message claims that it was forwarded. */
  forwarded: boolean
  mentionsAll: boolean
  /** In how many seconds the message says that it disappears; null: never. */
  expiration: number | null
  /** The message sets after how many seconds new messages disappear; 0: never. */
  timerSet?: number
  reaction?: { emoji: string; to: string }
  /** Sent by a device of the receiving phone's own account. */
  own: boolean
  at: string
  /** The decrypted protobuf, base64. */
  content: string
}

/** A line on a phone's screen: a message that it received or sent. */
export interface ScreenLine extends Heard {
  /** How far a sent message has come with linked devices; null for a received one. */
  tick: 'sent' | 'delivered' | 'read' | null
}

/** What happened to one message id, in either direction. */
export interface MessageRecord {
  /** How often a linked device sent it. */
  transmissions: number
  /** How each transmission was addressed, in order. */
  addressed: Addressing[]
  /** How often the network wrote it to a linked device's connection. */
  deliveries: number
  /** How often a linked device settled it by a receipt or an ack. */
  settlements: number
  errors: string[]
  /** The types of the receipts that linked devices sent for it; `delivered` stands for a receipt without a type. */
  receipts: string[]
  /** The `to` and `participant` of each receipt for it, read receipts included. */
  receiptsTo: string[]
  /** How often a linked device sent a read receipt for it. */
  reads: number
  /** The kind of address of each read receipt, in order. */
  readAt: Place[]
  retries: number
  /** How often a linked device asked its own phone for it. */
  placeholders: number
  undecryptable: number
  /** The text that a phone found each time it decrypted the message; empty if there was no text. */
  found: string[]
  /** The message's secrets that were found then, base64. */
  secrets: string[]
  acks: string[]
}

export interface LedgerPage {
  version: number
  connects: { at: string; outcome: 'accepted' | 'refused' }[]
  logins: Login[]
  /** Refused logins and refused requests to be linked. */
  failures: { device: string; reason: number | string; revision: number; at: string }[]
  pairings: { device: string; shownAs: string; at: string }[]
  /** How often the script of the web client was requested. */
  versionAsks: number
  refusals: number
  /** Each step of a linking with a passkey that a client made, and whether the server accepted it. */
  passkeys: { step: string; outcome: 'taken' | 'refused' }[]
  /** The codes that phones showed, for comparison with those of the client. */
  passkeyCodes: string[]
  closings: { device: string; how: Closing; at: string }[]
  queued: Record<string, number>
  delivered: Record<string, number>
  redelivered: Record<string, number>
  settled: Record<string, number>
  /** The acks of linked devices, by class. */
  acked: Record<string, number>
  /** The backlog pages that linked devices requested. */
  pages_asked: { device: string; count: number; at: string }[]
  /** The number of answers to the server's pings. */
  pongs: number
  queries: Record<string, number>
  /** The queries that got a planned answer, by what they asked for. */
  answered_as_planned: Record<string, number>
  /** The numbers that devices looked up: one entry per query. */
  lookups: { device: string; numbers: string[]; at: string }[]
  typing: { device: string; state: string; to: Place; at: string }[]
  /** The presences that each device sent. */
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
/** What one phone shows of what it said. */
const remembered = { entries: shownLines, bytes: 4 * 2 ** 20 }

/** Records and counts what the network sees; each change wakes the callers that wait for one. */
export class Ledger {
  readonly page = emptyPage()
  readonly #messages = new Map<string, MessageRecord>()
  readonly #heard = new Map<string, Heard[]>()
  readonly #said = new Map<string, Recent<number, Heard>>()
  readonly #heardKeys = new Set<string>()
  readonly #passed: (id: string, passage: 'delivered_at' | 'settled_at') => void
  #waiting: (() => void)[] = []
  #sequence = 0

  /** `passed` is called when a message is written to a connection, and when it is settled. */
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

  /** Adds a message that was sent on a phone, as the phone shows it. */
  writeSaid(name: string, said: Omit<Heard, 'sequence'>): void {
    const list = this.#said.get(name) ?? new Recent<number, Heard>(remembered)
    this.#said.set(name, list)
    const sequence = ++this.#sequence
    list.add(sequence, { ...said, sequence }, said.text.length + said.content.length)
    this.#changed()
  }

  /** The newest lines of a phone, oldest first. */
  screen(name: string): ScreenLine[] {
    const heard = (this.#heard.get(name) ?? []).slice(-shownLines).map(line => ({ ...line, tick: null }))
    const said = (this.#said.get(name)?.values() ?? []).map(line => ({ ...line, tick: this.#tickOf(line.id) }))
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

  /** Whether a phone has received a message already; it shows a message once, however often it arrives. */
  hasHeard(name: string, message: { id: string; author: string }): boolean {
    return this.#heardKeys.has(heardKey(name, message))
  }

  heard(name: string, after: number): Heard[] {
    const list = this.#heard.get(name) ?? []
    return list.filter(({ sequence }) => sequence > after)
  }

  /** Resolves as soon as the page is newer than `version`, or after `waitMs`. */
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
