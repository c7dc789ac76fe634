import type { AccountKey, Chat } from './ids.ts'

/** What is to be said. `target` names the message reacted to, by WhatsApp's stanza id, its sender and whether it was ours. */
export type OutboundContent =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'reaction'
      /** Empty takes the reaction back. */
      readonly emoji: string
      readonly target: { readonly stanzaId: string; readonly fromMe: boolean; readonly sender: string }
    }

/**
 * How far a send has come. `accepted`: its row is durable. `sent`: WhatsApp's server acknowledged it. `delivered` and
 * `read`: the recipient's receipts. `rejected`: the server refused it; it is not tried again.
 */
export type DeliveryStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'rejected'

/** One thing to say, from its acceptance to its end. */
export type Delivery = AccountKey & {
  /** `snd_<ulid>`; a reply's is derived from its turn, so that a turn run again says nothing twice. */
  readonly id: string
  /** The id of the message it became: `msg_<ulid>`. */
  readonly messageId: string
  readonly chat: Chat
  /** WhatsApp's id for it, derived from the send's id: the same for every transmission. */
  readonly stanzaId: string
  readonly content: OutboundContent
  readonly status: DeliveryStatus
  /** WhatsApp's code when rejected, else null. */
  readonly rejectedCode: number | null
  /** ms UTC */
  readonly acceptedAt: number
}

/** How a transmission ended. `unknown`: it was perhaps written and never acknowledged; the same bytes go out again. */
export type TransmitOutcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'rejected'; readonly code: number }
  | { readonly outcome: 'unknown' }
