import type { Companion } from './accounts.ts'
import type { Chat } from './messages.ts'
import { attribute, bytes, children, type Stanza } from '../wire/stanza.ts'

/** A group message as an eavesdropper at the server sees it. */
export interface Overheard {
  group: string
  from: Companion
  ciphertext: Buffer
}

const rememberedMessages = 1_000

/** The common ciphertexts of the newest group messages, each as it was first sent. */
export class OverheardMessages {
  readonly #byId = new Map<string, Overheard>()

  note({ id, chat, from, node }: { id: string; chat: Chat; from: Companion; node: Stanza }): void {
    const common = children(node, 'enc').find(encrypted => attribute(encrypted, 'type') === 'skmsg')
    const ciphertext = bytes(common)
    if (!('group' in chat) || !ciphertext || this.#byId.has(id)) return
    this.#byId.set(id, { group: chat.group.id, from, ciphertext })
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > rememberedMessages && oldest !== undefined) this.#byId.delete(oldest)
  }

  find(id: string): Overheard | undefined {
    return this.#byId.get(id)
  }
}
