import type { Gateway } from '../contract/gateway-protocol.ts'
import type { OrgId } from '../contract/ids.ts'
import type { StoredMessage } from '../store/messages/messages.ts'

/** What showing presence needs. */
export type PresenceParts = {
  readonly gateway: Gateway
  /** Whether senders see that their messages were read. */
  readonly readReceipts: (org: OrgId) => boolean
}

/** If an agent answers sooner than this, in ms, typing is not shown. */
const UNSEEN_MS = 500
/** Phones stop showing "typing" after some 25 s, so it is sent again at this interval, in ms. */
const AGAIN_MS = 10_000

/**
 * Shows people that their messages were read and that an agent is about to answer. Failures are ignored and change nothing else.
 */
export class Presence {
  readonly #parts: PresenceParts

  constructor(parts: PresenceParts) {
    this.#parts = parts
  }

  /** Shows that a turn has begun for these messages of one person. The returned function must be called when the turn is over. */
  markInProgress(messages: readonly StoredMessage[]): () => void {
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
