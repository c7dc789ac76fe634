import type { Gateway } from '../contract/gateway-protocol.ts'
import type { OrgId } from '../contract/ids.ts'
import type { StoredMessage } from '../store/messages/messages.ts'

/** What presence is shown with. */
export type PresenceParts = {
  readonly gateway: Gateway
  /** Whether those who write learn that it was read. */
  readonly readReceipts: (org: OrgId) => boolean
}

/** An agent that answers sooner is not seen writing. */
const UNSEEN_MS = 500
/** Phones forget that somebody writes after some 25 s. */
const AGAIN_MS = 10_000

/** Lets people see that what they wrote was read, and that an agent is about to answer; whether they do changes nothing. */
export class Presence {
  readonly #parts: PresenceParts

  constructor(parts: PresenceParts) {
    this.#parts = parts
  }

  /** A turn has begun for these messages of one person; to be called when it is over. */
  attend(messages: readonly StoredMessage[]): () => void {
    const [first] = messages
    if (!first) return () => undefined
    const { org, account, chat } = first
    const { gateway, readReceipts } = this.#parts
    const tell = (work: Promise<unknown>): void => void work.catch(() => undefined)
    for (const { sender, stanzaId, key } of readReceipts(org) ? messages : [])
      tell(gateway.call('chat.read', { org, account, chat, sender, stanzaId, key }))
    let timer: NodeJS.Timeout
    let seen = false
    const show = (): void => {
      seen = true
      tell(gateway.call('chat.typing', { org, account, chat, typing: true }))
      timer = setTimeout(show, AGAIN_MS)
    }
    timer = setTimeout(show, UNSEEN_MS)
    return () => {
      clearTimeout(timer)
      if (seen) tell(gateway.call('chat.typing', { org, account, chat, typing: false }))
    }
  }
}
