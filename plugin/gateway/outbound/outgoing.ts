import { proto } from '@whiskeysockets/baileys'

import type { SendClass, TransmitOutcome } from '../../contract/delivery.ts'
import { samePerson, type Chat, type Person } from '../../contract/ids.ts'
import type { Log } from '../../contract/host.ts'
import type { Connection } from '../connection/socket.ts'
import type { StorageGuard } from '../storage-guard.ts'
import type { GroupCache } from '../recipients/group-cache.ts'
import { jidIn, modesOf, type AddressingMode } from '../kinds/jid.ts'
import type { Journal } from '../tables/journal.ts'
import type { PeerAddresses } from '../recipients/peer-addresses.ts'
import type { Polls } from '../tables/polls.ts'
import type { Secrets } from '../tables/secrets.ts'
import { mayGoAgain, nextStep, type NextStep } from './second-transmission.ts'
import type { Course, Refusal } from '../tables/sent-messages.ts'
import type { TimeLockWatch } from '../messages/time-lock.ts'
import type { Tokens } from '../recipients/privacy-tokens.ts'
import type { Destination, Transmitter, Word } from './transmitter.ts'

/** One outgoing message. Its id and bytes are the same for every transmission. */
export type Transmission = {
  readonly chat: Chat
  readonly stanzaId: string
  readonly bytes: Uint8Array
  readonly class: SendClass
  /** When the stored copy is to be forgotten, in ms UTC; null or missing: when no recipient may ask for it any more. */
  readonly forgetAt?: number | null
}

/** Transmits messages: once, and once more when WhatsApp refuses them because of the address or a token. */
export type Outgoing = { readonly transmit: (transmission: Transmission) => Promise<TransmitOutcome> }

/** What transmitting needs. */
export type OutgoingPorts = {
  /** @throws ChannelError while there is no connection. */
  readonly line: () => Connection
  readonly transmitter: Transmitter
  readonly groups: GroupCache
  readonly journal: Journal
  readonly addresses: PeerAddresses
  readonly tokens: Tokens
  readonly polls: Polls
  readonly secrets: Pick<Secrets, 'noteOwn'>
  readonly lock: TimeLockWatch
  readonly storageGuard: StorageGuard
  readonly self: () => Person
  /** By the server's clock. */
  readonly now: () => number
  readonly log: Log
}

/** A message that is being transmitted on one connection. */
type Passage = Transmission & { readonly message: proto.IMessage; readonly connection: Connection }

export function createOutgoing(ports: OutgoingPorts): Outgoing {
  const underWay = new Map<string, Promise<TransmitOutcome>>()
  return {
    transmit: async transmission => {
      const { stanzaId, bytes } = transmission
      const begun = underWay.get(stanzaId)
      if (begun) return begun
      const passage = { ...transmission, message: proto.Message.decode(bytes), connection: ports.line() }
      const outcome = carry(passage, kept(passage, ports), ports).finally(() => underWay.delete(stanzaId))
      underWay.set(stanzaId, outcome)
      return outcome
    },
  }
}

/** Stores the message before it is written. Returns how far it had come before. */
function kept(passage: Passage, ports: OutgoingPorts): Course {
  const { storageGuard, journal, polls, secrets, self } = ports
  return storageGuard.guard(() => {
    polls.noteOwn(passage, self())
    secrets.noteOwn(passage, self())
    return journal.keepSent({ ...passage, mode: modeOf(passage, ports) })
  })
}

/** Null in a group. A change of an earlier message uses the addressing mode in which that message was accepted. */
function modeOf({ chat, message }: Passage, { journal, addresses, self }: OutgoingPorts): AddressingMode | null {
  if (chat.kind === 'group') return null
  const peer = journal.complete(chat.peer)
  if (samePerson(peer, self())) return peer.phone ? 'pn' : 'lid'
  const changed = message.protocolMessage?.key?.id
  const there = changed ? journal.modeOf(changed) : null
  return there && modesOf(peer).includes(there) ? there : addresses.modeFor(peer)
}

async function carry(passage: Passage, course: Course, ports: OutgoingPorts): Promise<TransmitOutcome> {
  if (course.refusal) return afterRefusal(passage, { ...course, refusal: course.refusal }, ports)
  const { outcome, writtenAt } = await write(passage, course.mode, ports)
  const code = refusedAs(outcome)
  if (code === null || !mayGoAgain(code)) return outcome
  const refusal = refusalOf(passage, { ...course, code, writtenAt }, ports)
  note(passage, { mode: course.mode, refusal }, ports)
  ports.log.info({ code, class: passage.class }, 'message refused once')
  return afterRefusal(passage, { mode: course.mode, refusal }, ports)
}

type Refused = Course & { readonly code: number; readonly writtenAt: number }

function refusalOf({ chat }: Passage, { code, mode, writtenAt }: Refused, ports: OutgoingPorts): Refusal {
  const { groups, tokens, now } = ports
  const at = now()
  if (chat.kind === 'group') {
    return { code, at, mode: groups.modeOf(chat.group), carried: null, again: false, final: null }
  }
  return { code, at, mode, carried: tokens.markBefore(chat.peer, writtenAt), again: false, final: null }
}

const note = ({ stanzaId }: Passage, course: Course, { storageGuard, journal }: OutgoingPorts): void =>
  storageGuard.guard(() => journal.noteCourse(stanzaId, course))

type RefusedCourse = Course & { readonly refusal: Refusal }

/** Continues with a message that was refused once: now, on an earlier connection, or by an earlier process. */
async function afterRefusal(
  passage: Passage,
  { mode, refusal }: RefusedCourse,
  ports: OutgoingPorts,
): Promise<TransmitOutcome> {
  const { code, again, final } = refusal
  if (final !== null) return { outcome: 'rejected', code: final }
  if (again) return writeAgain(passage, { mode, refusal }, ports)
  const next = await stepAfter(passage, refusal, ports)
  if (!passage.connection.isOpen()) return { outcome: 'unknown' }
  if (next.step === 'wait') return { outcome: 'deferred', forMs: next.forMs }
  if (next.step === 'final') {
    note(passage, { mode, refusal: { ...refusal, final: code } }, ports)
    return { outcome: 'rejected', code }
  }
  const second = { mode: passage.chat.kind === 'group' ? null : next.mode, refusal: { ...refusal, again: true } }
  note(passage, second, ports)
  return writeAgain(passage, second, ports)
}

async function stepAfter(passage: Passage, refusal: Refusal, ports: OutgoingPorts): Promise<NextStep> {
  const { chat, connection } = passage
  const { groups, journal, lock, tokens, now } = ports
  if (chat.kind === 'group') {
    const mode = await groups.otherMode(chat.group, { than: refusal.mode, code: refusal.code }, connection.socket)
    return mode ? { step: 'again', mode } : { step: 'final' }
  }
  const isLocked = await lock.isActive(connection.socket)
  const peer = journal.complete(chat.peer)
  const hasWritten = passage.class !== 'cold'
  return nextStep(refusal, { now: now(), modes: modesOf(peer), token: tokens.markOf(peer), isLocked, hasWritten })
}

/** The answer to this transmission is final. */
async function writeAgain(passage: Passage, course: RefusedCourse, ports: OutgoingPorts): Promise<TransmitOutcome> {
  const { mode, refusal } = course
  const { outcome } = await write(passage, mode, ports)
  const code = refusedAs(outcome)
  if (code !== null) note(passage, { mode, refusal: { ...refusal, final: code } }, ports)
  const { chat } = passage
  if (outcome.outcome === 'sent' && chat.kind === 'direct' && mode && mode !== refusal.mode) {
    ports.storageGuard.guard(() => ports.addresses.worked(chat.peer, mode))
  }
  return outcome
}

function write(passage: Passage, mode: AddressingMode | null, ports: OutgoingPorts): Promise<Word> {
  const { chat, connection } = passage
  const ready = chat.kind === 'group' ? () => ports.groups.refresh(chat.group, connection.socket) : null
  return ports.transmitter.write({ ...passage, destination: destinationOf(chat, mode, ports), ready }, connection)
}

/**
 * A message to a LID also carries the person's number if it is known, as from WhatsApp's own clients (whatsmeow 4f8f64e0,
 * 2026-07-13).
 */
function destinationOf(chat: Chat, mode: AddressingMode | null, ports: OutgoingPorts): Destination {
  if (chat.kind === 'group') return { jid: chat.group, attributes: {}, nodes: [] }
  const peer = ports.journal.complete(chat.peer)
  const jid = jidIn(mode ?? 'lid', peer)
  if (samePerson(peer, ports.self())) return { jid, attributes: {}, nodes: [] }
  const isByLid = mode === 'lid' && peer.lid !== null && peer.phone !== null
  const attributes = isByLid ? { peer_recipient_pn: jidIn('pn', peer) } : {}
  return { jid, attributes, nodes: ports.tokens.computedFor(peer) }
}

/** WhatsApp's code if it refused the message, else null. */
const refusedAs = (said: TransmitOutcome): number | null => (said.outcome === 'rejected' ? said.code : null)
