import type { proto } from '@whiskeysockets/baileys'
import type { Account } from './accounts.ts'
import type { AddressingMode, Group } from './groups.ts'

/** Where something is said: in a group, or directly between two people. */
export type Chat = { group: Group } | { peer: Account }

/** A message as its author's phone keeps it, to be quoted, reacted to and sent again. */
export interface SaidMessage {
  id: string
  author: Account
  /** The author's device that sent it: 0 is the phone. */
  device: number
  chat: Chat
  content: proto.IMessage
  addressedBy: AddressingMode
  revealAlternate: boolean
  /** How many of the coming transmissions arrive broken. */
  garbled: number
  resends: Map<string, number>
  /** It comes without a ciphertext, for this reason; empty: for none that is given. */
  unavailable?: string | undefined
  /** The number of the list that it was written to; nobody on it learns who else is. */
  list?: string | undefined
}

const rememberedMessages = 20_000

export class Messages {
  readonly #byId = new Map<string, SaidMessage>()

  note(message: SaidMessage): void {
    if (this.#byId.has(message.id)) return
    this.#byId.set(message.id, message)
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > rememberedMessages && oldest !== undefined) this.#byId.delete(oldest)
  }

  find(id: string): SaidMessage | undefined {
    return this.#byId.get(id)
  }
}
