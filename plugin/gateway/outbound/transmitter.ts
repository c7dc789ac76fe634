import { proto, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'

import type { TransmitOutcome } from '../../contract/delivery.ts'
import type { Connection } from '../connection/socket.ts'
import { pollPartOf } from '../kinds/message-types.ts'
import { reach } from '../recipients/recipients.ts'

/** The destination of one transmission, and the attributes and nodes that are sent with it. */
export type Destination = {
  readonly jid: string
  readonly attributes: Readonly<Record<string, string>>
  readonly nodes: readonly BinaryNode[]
}

/** One transmission of a message. The message is the same each time. */
export type Writing = {
  readonly stanzaId: string
  readonly message: proto.IMessage
  readonly destination: Destination
  /** Loads what has to be known before each attempt to write it; null when nothing has. */
  readonly ready: (() => Promise<void>) | null
}

/** WhatsApp's answer to a message, and when the message was written (of `performance.now`). */
export type Word = { readonly outcome: TransmitOutcome; readonly writtenAt: number }

/** Writes messages and waits for the server's ack of each: at most once on one connection, however late the ack comes. */
export type Transmitter = {
  readonly write: (writing: Writing, connection: Connection) => Promise<Word>
  /** Gets a message ack before Baileys does. An ack that names no chat gets that of its message, for whose token Baileys asks. */
  readonly named: (ack: BinaryNode) => void
  /** The server's `<ack class="message">`. */
  readonly acknowledged: (ack: BinaryNode) => void
  /** The connection is gone: the outcome of everything written on it is unknown. */
  readonly lost: () => void
}

const UNREADABLE: TransmitOutcome = { outcome: 'rejected', code: null, reason: 'no_recipient_device' }

/** A message that was written and has no answer yet. */
type Waiting = {
  readonly jid: string
  readonly word: Promise<Word>
  readonly settle: (outcome: TransmitOutcome) => void
  writtenAt: number
}

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

/** What WhatsApp's server has to know about a message whose content it cannot see. */
function envelopeOf(message: proto.IMessage, { attributes, nodes }: Destination) {
  const type = message.protocolMessage?.type
  const edit = type === MESSAGE_EDIT ? { edit: '1' } : type === REVOKE ? { edit: '7' } : {}
  const poll = pollPartOf(message) ? [{ tag: 'meta', attrs: { polltype: 'creation' } }] : []
  return { additionalAttributes: { ...attributes, ...edit }, additionalNodes: [...nodes, ...poll] }
}

async function relay({ stanzaId, message, destination, ready }: Writing, socket: WASocket): Promise<void> {
  await ready?.()
  await socket.relayMessage(destination.jid, message, { messageId: stanzaId, ...envelopeOf(message, destination) })
}

/** Creates the transmitter. When a message has waited for `patienceMs`, its connection is dropped, once. */
export function createTransmitter(patienceMs: number): Transmitter {
  const waiting = new Map<string, Waiting>()
  // A message that is never acknowledged must not cost one connection after the other.
  const gaveUpFor = new Set<string>()

  const expect = (stanzaId: string, jid: string, giveUp: () => void): Waiting => {
    let settle = (_outcome: TransmitOutcome): void => undefined
    const outcome = new Promise<TransmitOutcome>(resolve => (settle = resolve)).finally(() => {
      clearTimeout(timer)
      waiting.delete(stanzaId)
    })
    const timer = setTimeout(() => {
      if (gaveUpFor.has(stanzaId)) return
      gaveUpFor.add(stanzaId)
      giveUp()
    }, patienceMs)
    // The ack may come before Baileys reports that the message was written.
    const word = outcome.then(said => ({ outcome: said, writtenAt: Math.min(mine.writtenAt, performance.now()) }))
    const mine: Waiting = { jid, word, settle, writtenAt: Number.POSITIVE_INFINITY }
    waiting.set(stanzaId, mine)
    return mine
  }
  return {
    write: (writing, { socket, drop }) => {
      const { stanzaId, destination } = writing
      const underWay = waiting.get(stanzaId)
      if (underWay) return underWay.word
      const mine = expect(stanzaId, destination.jid, drop)
      // Baileys fails before it writes the frame; only the file can fail afterwards, and that cuts the connection.
      const relayed = (): Promise<unknown> => relay(writing, socket).then(() => (mine.writtenAt = performance.now()))
      reach(socket, destination.jid, relayed).then(
        written => written || mine.settle(UNREADABLE),
        () => mine.settle({ outcome: 'unknown' }),
      )
      return mine.word
    },
    named: ack => name(ack, waiting),
    acknowledged: ({ attrs }) => {
      const { id = '', error } = attrs
      gaveUpFor.delete(id)
      waiting.get(id)?.settle(error ? { outcome: 'rejected', code: Number(error) || 500 } : { outcome: 'sent' })
    },
    lost: () => {
      for (const { settle } of waiting.values()) settle({ outcome: 'unknown' })
    },
  }
}

function name({ tag, attrs }: BinaryNode, waiting: ReadonlyMap<string, Waiting>): void {
  const jid = waiting.get(attrs['id'] ?? '')?.jid
  if (jid && tag === 'ack' && attrs['class'] === 'message') attrs['from'] ??= jid
}
