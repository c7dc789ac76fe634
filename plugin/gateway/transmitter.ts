import { proto, type BinaryNode } from '@whiskeysockets/baileys'

import type { TransmitOutcome } from '../contract/delivery.ts'
import type { Chat } from '../contract/ids.ts'
import type { Connection } from './connection.ts'
import type { GroupCache } from './group-cache.ts'
import { jidOfChat } from './identity.ts'

/** One message to be written: its id and bytes are the same for every transmission. */
export type Transmission = { readonly chat: Chat; readonly stanzaId: string; readonly bytes: Uint8Array }

/** Writes messages and waits for the server's word on each. */
export type Transmitter = {
  readonly transmit: (transmission: Transmission, connection: Connection) => Promise<TransmitOutcome>
  /** The server's `<ack class="message">`. */
  readonly acknowledged: (ack: BinaryNode) => void
  /** The line is gone: whatever was written on it is uncertain. */
  readonly lost: () => void
}

/** As long as whatsmeow waits for it. */
const ACK_MS = 75_000

export function createTransmitter(groups: GroupCache): Transmitter {
  const waiting = new Map<
    string,
    { readonly promise: Promise<TransmitOutcome>; readonly settle: (outcome: TransmitOutcome) => void }
  >()

  const expect = (stanzaId: string): Promise<TransmitOutcome> => {
    let settle = (_outcome: TransmitOutcome): void => undefined
    const promise = new Promise<TransmitOutcome>(resolve => (settle = resolve)).finally(() => {
      clearTimeout(timer)
      waiting.delete(stanzaId)
    })
    const timer = setTimeout(() => settle({ outcome: 'unknown' }), ACK_MS)
    waiting.set(stanzaId, { promise, settle })
    return promise
  }
  return {
    transmit: async ({ chat, stanzaId, bytes }, { socket }) => {
      const underWay = waiting.get(stanzaId)
      if (underWay) return underWay.promise
      const outcome = expect(stanzaId)
      const jid = jidOfChat(chat)
      try {
        if (chat.kind === 'group') await groups.refresh(jid, socket)
        await socket.relayMessage(jid, proto.Message.decode(bytes), { messageId: stanzaId })
      } catch {
        waiting.get(stanzaId)?.settle({ outcome: 'unknown' })
      }
      return outcome
    },
    acknowledged: ({ attrs }) => {
      const outcome: TransmitOutcome = attrs['error']
        ? { outcome: 'rejected', code: Number(attrs['error']) || 500 }
        : { outcome: 'sent' }
      waiting.get(attrs['id'] ?? '')?.settle(outcome)
    },
    lost: () => {
      for (const { settle } of waiting.values()) settle({ outcome: 'unknown' })
    },
  }
}
