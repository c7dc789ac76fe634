import { proto, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'

import type { TransmitOutcome } from '../contract/delivery.ts'
import type { Chat } from '../contract/ids.ts'
import type { Connection } from './connection.ts'
import { pollPartOf } from './content.ts'
import type { GroupCache } from './group-cache.ts'
import { jidOfChat } from './identity.ts'
import { reach } from './recipients.ts'

/** One message to be written: its id and bytes are the same for every transmission. */
export type Transmission = { readonly chat: Chat; readonly stanzaId: string; readonly bytes: Uint8Array }

/** Writes messages and waits for the server's word on each: at most once on one line, however late the word comes. */
export type Transmitter = {
  readonly transmit: (transmission: Transmission, connection: Connection) => Promise<TransmitOutcome>
  /** The server's `<ack class="message">`. */
  readonly acknowledged: (ack: BinaryNode) => void
  /** The line is gone: whatever was written on it is uncertain. */
  readonly lost: () => void
}

const UNREADABLE: TransmitOutcome = { outcome: 'rejected', code: null, reason: 'no_recipient_device' }

/** A message that was written and has no answer yet. */
type Waiting = { readonly outcome: Promise<TransmitOutcome>; readonly settle: (outcome: TransmitOutcome) => void }

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

/** What WhatsApp's server is told of a message whose content it cannot see. */
function envelopeOf(message: proto.IMessage) {
  const type = message.protocolMessage?.type
  if (type === MESSAGE_EDIT) return { additionalAttributes: { edit: '1' } }
  if (type === REVOKE) return { additionalAttributes: { edit: '7' } }
  return pollPartOf(message) ? { additionalNodes: [{ tag: 'meta', attrs: { polltype: 'creation' } }] } : {}
}

/** When a message has waited for `patienceMs`, its line is given up, once. */
export function createTransmitter(groups: GroupCache, patienceMs: number): Transmitter {
  const waiting = new Map<string, Waiting>()
  // What is never acknowledged at all must not cost one line after the other.
  const gaveUpFor = new Set<string>()

  const expect = (stanzaId: string, giveUp: () => void): Waiting => {
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
    const mine = { outcome, settle }
    waiting.set(stanzaId, mine)
    return mine
  }
  /** Whether anybody can read it; otherwise nothing is written. */
  const write = async ({ chat, stanzaId, bytes }: Transmission, socket: WASocket): Promise<boolean> => {
    const jid = jidOfChat(chat)
    if (chat.kind === 'group') await groups.refresh(jid, socket)
    const message = proto.Message.decode(bytes)
    return reach(socket, jid, () => socket.relayMessage(jid, message, { messageId: stanzaId, ...envelopeOf(message) }))
  }
  return {
    transmit: (transmission, { socket, drop }) => {
      const underWay = waiting.get(transmission.stanzaId)
      if (underWay) return underWay.outcome
      const { outcome, settle } = expect(transmission.stanzaId, drop)
      // It fails before the frame is written; what fails afterwards is the file, and that cuts the line.
      write(transmission, socket).then(
        written => written || settle(UNREADABLE),
        () => settle({ outcome: 'unknown' }),
      )
      return outcome
    },
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
