import { proto } from '@whiskeysockets/baileys'
import type { Account } from './accounts.ts'
import type { AddressingMode, Group } from './groups.ts'
import { Recent } from './recent.ts'

/** A group, or a direct chat with a person. */
export type Chat = { group: Group } | { peer: Account }

/** A message as its author's phone stores it, for quotes, reactions and resends. */
export interface SaidMessage {
  id: string
  author: Account
  /** The author's device that sent it: 0 is the phone. */
  device: number
  chat: Chat
  content: proto.IMessage
  addressedBy: AddressingMode
  revealAlternate: boolean
  /** How many of the next transmissions cannot be decrypted. */
  garbled: number
  resends: Map<string, number>
  /** It is sent without a ciphertext, for this reason; empty: without a reason. */
  unavailable?: string | undefined
  /** The number of the broadcast list that it was sent to; the recipients do not see who else is on it. */
  list?: string | undefined
}

const remembered = { entries: 20_000, bytes: 64 * 2 ** 20 }

export class Messages {
  readonly #byId = new Recent<string, SaidMessage>(remembered)

  note(message: SaidMessage): void {
    this.#byId.add(message.id, message, proto.Message.encode(message.content).finish().byteLength)
  }

  find(id: string): SaidMessage | undefined {
    return this.#byId.get(id)
  }
}
