import { isJidNewsletter, isJidStatusBroadcast, proto, type BinaryNode, type WAMessage } from '@whiskeysockets/baileys'

import { ackFor } from './stanza-answers.ts'

/**
 * Acknowledges the messages that Baileys has answered with a receipt. Baileys#1910 (2026-09-05) claims that a receipt does not
 * settle them; whatsmeow and whatsapp-rust deny it. So it is done only where an operator wants it.
 */
export type MessageAcks = {
  readonly arrived: (message: BinaryNode) => void
  /** Gets the messages that Baileys reports after its receipt. */
  readonly read: (messages: readonly WAMessage[]) => void
}

/** How many arrivals are remembered: a message that Baileys answers otherwise is never reported as read. */
const REMEMBERED = 5_000

const NONE: MessageAcks = { arrived: () => undefined, read: () => undefined }

export function createMessageAcks(isOn: boolean, write: (ack: BinaryNode) => void): MessageAcks {
  if (!isOn) return NONE
  const arrived = new Map<string, BinaryNode[]>()
  return {
    arrived: message => {
      const { id, from = '' } = message.attrs
      if (!id || isJidStatusBroadcast(from) || isJidNewsletter(from)) return
      arrived.set(id, [...(arrived.get(id) ?? []), message])
      const [oldest] = arrived.keys()
      if (arrived.size > REMEMBERED && oldest !== undefined) arrived.delete(oldest)
    },
    read: messages => {
      for (const { key, messageStubType } of messages) {
        const [stanza, ...later] = arrived.get(key.id ?? '') ?? []
        if (!key.id || !stanza) continue
        if (later.length > 0) arrived.set(key.id, later)
        else arrived.delete(key.id)
        // Baileys has already acknowledged a message that it could not read.
        if (messageStubType === proto.WebMessageInfo.StubType.CIPHERTEXT) continue
        const ack = ackFor(stanza)
        if (ack) write(ack)
      }
    },
  }
}
