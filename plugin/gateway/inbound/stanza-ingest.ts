import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import {
  decodeMessageNode,
  proto,
  unpadRandomMax16,
  type AuthenticationCreds,
  type BinaryNode,
  type WAMessage,
} from '@whiskeysockets/baileys'

import type { InboundMessage } from '../../contract/message.ts'
import { timerIn, timerNoticed, type ChatTimers } from '../tables/chat-timers.ts'
import { enter, type EntryPorts } from './add-messages.ts'
import {
  readMessage,
  undecryptableFrom,
  unknownFrom,
  viewOnceFrom,
  type ReadMessage,
  type Reading,
} from '../messages/from-whatsapp.ts'
import { groupOfJid, isBroadcastList, modeOfJid, personOfJid } from '../kinds/jid.ts'
import type { Journal } from '../tables/journal.ts'
import { noticeFrom } from '../messages/group-notices.ts'
import type { PeerAddresses } from '../recipients/peer-addresses.ts'
import type { RatchetKeys } from '../signal/key-transactions.ts'
import { isForOneLook, type Recoveries } from '../tables/recoveries.ts'
import type { StanzaLog, StanzaOutcome } from '../tables/stanza-log.ts'
import { withContextOf } from '../kinds/unwrap.ts'

/** What storing and reading arrivals needs. */
export type ArrivalPorts = EntryPorts & {
  readonly journal: Journal
  readonly log: StanzaLog
  readonly recoveries: Pick<Recoveries, 'note'>
  readonly addresses: PeerAddresses
  readonly timers: ChatTimers
  readonly keys: RatchetKeys
  readonly creds: () => AuthenticationCreds
  readonly reading: () => Reading
  /** Runs one transaction of the account's file. If it fails, the connection is cut. */
  readonly atomically: (write: () => void) => void
  /** The same, and the data is on the disk when it returns. */
  readonly firmly: (write: () => void) => void
  /** Whether the file has failed since the connection was made. If so, a message's failure says nothing about the message. */
  readonly isFileAtFault: () => boolean
  /** The journal may have grown. */
  readonly grown: () => void
}

/** Incoming messages, from the stanza to the entry in the journal. */
export type Arrivals = {
  /** Stores a `<message>` before anything handles it. @throws when it cannot be stored; then nothing may handle it. */
  readonly arrived: (stanza: BinaryNode) => void
  /** Stores what WhatsApp reports of a group or a call before it is acknowledged. @throws when it cannot be stored. */
  readonly noticed: (stanza: BinaryNode) => void
  /**
   * Decrypts one part of a message that arrived. Returns the stored plaintext if the step was taken before. Else runs `step`, and
   * commits its plaintext, ratchet and entry together.
   */
  readonly decrypted: (ciphertext: Uint8Array, step: () => Promise<Uint8Array>) => Promise<Uint8Array>
  /** The stanzas that were stored but not completed. The parts of each can be decrypted as if it had just arrived. */
  readonly unfinished: () => BinaryNode[]
}

/** One stanza while its parts are being decrypted. */
type Arrival = {
  readonly key: Uint8Array
  readonly stanza: BinaryNode
  readonly parts: readonly Uint8Array[]
  /** False if an earlier delivery settled it. */
  readonly open: boolean
  /** It came while the account was offline, or an earlier process stored it and did not complete it. */
  readonly waited: boolean
  left: number
  failed: boolean
  message: proto.IMessage | null
  /** Whether a part contains something of which not even the name is known. */
  strange: boolean
  /** The hashes of the parts that gave a plaintext. */
  readonly taken: Uint8Array[]
}

type Part = { readonly arrival: Arrival; readonly hash: Uint8Array }

const ENCRYPTED = new Set(['pkmsg', 'msg', 'skmsg'])
/** Many times what phones let a person write. Only our own phone sends more, when it transfers older messages. */
const READ_MOST_BYTES = 2 ** 20
/** The padded empty message. It is returned for a plaintext that is already processed, so that the stanza is acknowledged. */
const NOTHING = Buffer.from([1])

export function createArrivals(ports: ArrivalPorts): Arrivals {
  const { log, keys, atomically } = ports
  // Baileys passes the stanza's own Buffer on to the repository.
  const parts = new WeakMap<Uint8Array, Part>()
  const follow = (arrival: Arrival): void => {
    const { author } = addressesOf(arrival.stanza)
    for (const part of arrival.parts) parts.set(part, { arrival, hash: hashOf(author, [part]) })
  }
  return {
    arrived: stanza => {
      if (!isConversation(stanza)) return
      const arrival = arrivalOf(stanza, ports.creds().me)
      let open = false
      // Baileys acknowledges a stanza without parts as soon as it gets it.
      const keep = arrival.left === 0 ? ports.firmly : atomically
      keep(() => {
        open = log.keep(arrival.key, serialize(stanza))
        if (open && arrival.left === 0) {
          settle(arrival, ports)
          ports.recoveries.note(stanza)
        }
      })
      if (arrival.left === 0) ports.grown()
      follow({ ...arrival, open })
    },
    noticed: stanza => noticed(stanza, ports),
    decrypted: async (ciphertext, step) => {
      const part = parts.get(ciphertext)
      if (!part) return keys.commit(step)
      try {
        return await decrypt(part, step, ports)
      } catch (error) {
        if (!ports.isFileAtFault())
          atomically(() => settleWhenWhole(Object.assign(part.arrival, { failed: true }), ports))
        throw error
      } finally {
        ports.grown()
      }
    },
    unfinished: () =>
      log.pending().map(bytes => {
        const stanza = deserialize(bytes) as BinaryNode
        follow({ ...arrivalOf(stanza, ports.creds().me), waited: true })
        return stanza
      }),
  }
}

async function decrypt(part: Part, step: () => Promise<Uint8Array>, ports: ArrivalPorts): Promise<Uint8Array> {
  const before = ports.log.plaintext(part.hash)
  if (before === undefined) {
    const fresh = await ports.keys.commit(step, plaintext => take(part, plaintext, ports))
    return isTooLong(part.arrival, fresh) ? NOTHING : fresh
  }
  const plaintext = before ?? NOTHING
  if (part.arrival.open) ports.atomically(() => take(part, plaintext, ports))
  return isTooLong(part.arrival, plaintext) ? NOTHING : plaintext
}

/**
 * Whether the plaintext is too long to read. Only a stranger's program writes such a text, and everybody else would wait while it
 * is read.
 */
const isTooLong = ({ stanza }: Arrival, { length }: Uint8Array): boolean =>
  length > READ_MOST_BYTES && stanza.attrs['category'] !== 'peer'

function take({ arrival, hash }: Part, plaintext: Uint8Array, ports: ArrivalPorts): void {
  ports.log.keepPlaintext(hash, plaintext)
  arrival.taken.push(hash)
  merge(arrival, plaintext)
  settleWhenWhole(arrival, ports)
}

function arrivalOf(stanza: BinaryNode, me: AuthenticationCreds['me']): Arrival {
  const parts = envelopeOf(stanza, me) ? encryptedParts(stanza) : []
  const { chat, author, id } = addressesOf(stanza)
  const key = hashOf([chat, author, id].join(' '), parts)
  const fresh = {
    open: true,
    waited: isOfBacklog(stanza),
    left: parts.length,
    failed: false,
    message: null,
    strange: false,
    taken: [],
  }
  return { key, stanza, parts, ...fresh }
}

/** The parts that Baileys will decrypt; none if the first is of the one type that it refuses unread. */
function encryptedParts({ content }: BinaryNode): Uint8Array[] {
  const encrypted = Array.isArray(content) ? content.filter(({ tag }) => tag === 'enc') : []
  if (encrypted[0]?.attrs['type'] === 'msmsg') return []
  return encrypted.flatMap(part =>
    part.content instanceof Uint8Array && ENCRYPTED.has(part.attrs['type'] ?? '') ? [part.content] : [],
  )
}

/** The envelope that Baileys reads from the attributes, or null if it refuses the stanza because of them. */
function envelopeOf(stanza: BinaryNode, me: AuthenticationCreds['me']): WAMessage | null {
  try {
    return decodeMessageNode(stanza, me?.id ?? '', me?.lid ?? '').fullMessage
  } catch {
    return null
  }
}

const addressesOf = ({ attrs }: BinaryNode) => ({
  chat: attrs['from'] ?? '',
  author: attrs['participant'] ?? attrs['from'] ?? '',
  id: attrs['id'] ?? '',
})

const isOfBacklog = ({ attrs }: BinaryNode): boolean => attrs['offline'] !== undefined

/** Status posts and newsletters belong to no conversation. */
const isConversation = ({ attrs }: BinaryNode): boolean =>
  groupOfJid(attrs['from']) !== null || personOfJid(writtenFrom(attrs)) !== null

/** The chat of a person who writes to us alone, or to a broadcast list that we are on. */
const writtenFrom = ({ from, participant }: BinaryNode['attrs']): string | undefined =>
  isBroadcastList(from) ? participant : from

function hashOf(scope: string, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(`${scope}\0`)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Merges the parts of one stanza as Baileys does. */
function merge(arrival: Arrival, plaintext: Uint8Array): void {
  if (isTooLong(arrival, plaintext)) {
    arrival.strange = true
    return
  }
  try {
    const bytes = unpadRandomMax16(plaintext)
    const part = proto.Message.decode(bytes)
    const said = ofDevice(part)
    arrival.message = Object.assign(arrival.message ?? {}, said)
    arrival.strange ||= bytes.length > 0 && Object.keys(said).every(name => name === 'messageContextInfo')
  } catch {
    // Bytes that are no message count as a message that could not be read.
  }
}

/** A message that our own phone sent to others is wrapped for us, and its secret may be outside of the wrapper. */
function ofDevice(part: proto.IMessage): proto.IMessage {
  return withContextOf(part, part.deviceSentMessage?.message) ?? part
}

function settleWhenWhole(arrival: Arrival, ports: ArrivalPorts): void {
  arrival.left -= 1
  if (arrival.open && arrival.left === 0) settle(arrival, ports)
}

/** Enters what a stanza says, or that it could not be read, and settles the stanza. */
function settle(arrival: Arrival, ports: ArrivalPorts): void {
  const outcome = entered(arrival, ports)
  ports.log.settle(arrival.key, outcome)
  for (const hash of arrival.taken) ports.log.releasePlaintext(hash, ports.journal.head())
}

function entered(arrival: Arrival, ports: ArrivalPorts): StanzaOutcome {
  const { journal, creds } = ports
  const reading = ports.reading()
  const read = readOf(arrival, creds().me, reading)
  if (read === null) return 'malformed'
  noteAddress(arrival, read.said?.message ?? read.undecryptable, ports)
  noteTimer(arrival, ports)
  if (read.said) {
    const said = { ...read.said, message: markedIf(arrival.waited, read.said.message) }
    return enter(said, { sent: read.sent, reading }, ports) ? 'message' : 'duplicate'
  }
  if (!read.undecryptable) return 'ignored'
  journal.addUndecryptable(markedIf(arrival.waited, read.undecryptable))
  return 'undecryptable'
}

/** Notes the timer of disappearing messages that a message may carry, whatever else it says. */
function noteTimer(arrival: Arrival, ports: ArrivalPorts): void {
  const told = timerTold(arrival, ports)
  if (told) ports.timers.note(told.chat, told.timer)
}

function timerTold({ message, stanza }: Arrival, { creds, reading }: ArrivalPorts) {
  try {
    const timer = message && timerIn(message, Number(stanza.attrs['t']) || 0)
    const envelope = timer && envelopeOf(stanza, creds().me)
    const where = envelope && undecryptableFrom(envelope, reading())
    return timer && where ? { timer, chat: where.chat } : null
  } catch {
    return null
  }
}

const markedIf = (waited: boolean, message: InboundMessage): InboundMessage =>
  waited ? { ...message, waited } : message

/** Notes the address from which the sender wrote, whatever else the message says. */
function noteAddress({ stanza }: Arrival, said: InboundMessage | null, { addresses }: ArrivalPorts): void {
  const mode = modeOfJid(writtenFrom(stanza.attrs))
  if (said && mode && !said.fromMe) addresses.wroteFrom(said.sender, mode)
}

type Read = {
  readonly said: ReadMessage | null
  readonly undecryptable: InboundMessage | null
  /** The message as it came. */
  readonly sent: WAMessage
}

function noticed(stanza: BinaryNode, { journal, timers, reading, firmly, grown }: ArrivalPorts): void {
  const [group, timer] = [groupOfJid(stanza.attrs['from']), timerNoticed(stanza)]
  if (group && timer) firmly(() => timers.note({ kind: 'group', group }, timer))
  const notice = readableNotice(stanza, reading())
  if (!notice) return
  firmly(() => void journal.addMessage(markedIf(isOfBacklog(stanza), notice)))
  grown()
}

/** Baileys acknowledges a notice that cannot be read: unacknowledged, it would come again for ever. */
function readableNotice(stanza: BinaryNode, reading: Reading): InboundMessage | null {
  try {
    return noticeFrom(stanza, reading)
  } catch {
    return null
  }
}

type Bareness = { readonly strange: boolean; readonly isBare: boolean }

/** The entry for a message that came but that nobody can read here. */
function unreadable(
  stanza: BinaryNode,
  { strange, isBare }: Bareness,
  { envelope, reading }: { envelope: WAMessage; reading: Reading },
): InboundMessage | null {
  if (strange) return unknownFrom(envelope, reading)
  return isBare && isForOneLook(stanza) ? viewOnceFrom(envelope, reading) : null
}

/** Any input may make the reading fail, and that must not be mistaken for a failure of the file. */
function readOf(
  { stanza, message, failed, strange }: Arrival,
  me: AuthenticationCreds['me'],
  reading: Reading,
): Read | null {
  const envelope = envelopeOf(stanza, me)
  if (!envelope) return null
  try {
    const sent = { ...envelope, ...(message && { message }) }
    const unknown = unreadable(stanza, { strange, isBare: message === null && !failed }, { envelope, reading })
    const said = readMessage(sent, reading) ?? (unknown && { message: unknown, said: message ?? {} })
    const isLost = failed || message === null
    return {
      sent,
      said,
      undecryptable: !said && isLost ? undecryptableFrom(envelope, reading) : null,
    }
  } catch {
    return null
  }
}
