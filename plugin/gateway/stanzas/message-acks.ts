import { isJidNewsletter, isJidStatusBroadcast, proto, type BinaryNode, type WAMessage } from '@whiskeysockets/baileys'

import { ackFor } from './stanza-answers.ts'

/**
 * Acknowledges the messages that Baileys has answered with a receipt. That a receipt does not settle them is claimed in
 * Baileys#1910 (2026-09-05) and denied by whatsmeow and whatsapp-rust, so it is done only where an operator wants it.
 */
export type MessageAcks = {
  readonly arrived: (message: BinaryNode) => void
  /** What Baileys tells of after its receipt. */
  readonly read: (messages: readonly WAMessage[]) => void
}

/** Those that Baileys answers otherwise are never told of as read: of so many it is remembered that they came. */
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
        // Baileys has acknowledged what it could not read.
        if (messageStubType === proto.WebMessageInfo.StubType.CIPHERTEXT) continue
        const ack = ackFor(stanza)
        if (ack) write(ack)
      }
    },
  }
}
