import type { Companion } from './accounts.ts'
import type { Chat } from './messages.ts'
import { Recent } from './recent.ts'
import { attribute, bytes, children, type Stanza } from '../wire/stanza.ts'

/** A group message as an eavesdropper at the server sees it. */
export interface Overheard {
  group: string
  from: Companion
  ciphertext: Buffer
}

const remembered = { entries: 1_000, bytes: 16 * 2 ** 20 }

/** The common ciphertexts of the newest group messages, each as it was first sent. */
export class OverheardMessages {
  readonly #byId = new Recent<string, Overheard>(remembered)

  note({ id, chat, from, node }: { id: string; chat: Chat; from: Companion; node: Stanza }): void {
    const common = children(node, 'enc').find(encrypted => attribute(encrypted, 'type') === 'skmsg')
    const ciphertext = bytes(common)
    if (!('group' in chat) || !ciphertext) return
    this.#byId.add(id, { group: chat.group.id, from, ciphertext }, ciphertext.byteLength)
  }

  find(id: string): Overheard | undefined {
    return this.#byId.get(id)
  }
}
