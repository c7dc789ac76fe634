import type { UnmatchedReason } from '../contract/binding.ts'
import type { DeliveryStatus } from '../contract/delivery.ts'
import type { AccountName, GroupId, Lid, OrgId, Phone } from '../contract/ids.ts'

/** What became of a message, as the wire shows it. */
export type Outcome =
  | 'matched'
  | 'answered'
  | 'no_reply'
  | 'failed'
  | `unmatched: ${UnmatchedReason}`
  | 'ignored: own'
  | 'ignored: reaction'
  | 'ignored: unsupported'
  | 'ignored: edit'
  | Exclude<DeliveryStatus, 'rejected'>
  | `rejected: ${string}`

/** How far a turn has come; the last three are final. */
export type TurnStatus = 'queued' | 'running' | 'answered' | 'no_reply' | 'failed'

/** `per_<ulid>`: one person as one account knows them. */
export type PersonId = `per_${string}`

/** What names a conversation within one account: the peer's row, which outlives a change of address, or the group. */
export type ChatKey = PersonId | GroupId

/** A configured account. `phone` is the number that is linked now. */
export type AccountTable = {
  org: OrgId
  account: AccountName
  display_name: string | null
  phone: Phone | null
  last_connected_at: number | null
  configured_at: number
}

/** The numbers that somebody who may pair has been shown as linked. */
export type ConfirmationTable = { org: OrgId; account: AccountName; phone: Phone; confirmed_at: number }

export type BindingTable = {
  id: string
  org: OrgId
  agent: string
  /** JSON of a `MatchRule`. */
  rule: string
  position: number
  created_at: number
}

export type PersonTable = {
  id: PersonId
  org: OrgId
  account: AccountName
  lid: Lid | null
  phone: Phone | null
}

export type MessageTable = {
  id: string
  org: OrgId
  account: AccountName
  /** Its number in the org's stream of events. */
  seq: number
  direction: 'inbound' | 'outbound'
  chat_key: ChatKey
  sender_id: PersonId
  /** Null for what we sent. */
  receiver_id: PersonId | null
  stanza_id: string
  /** The stanza id that this one edits; empty when it is a message of its own, because a unique key cannot hold null. */
  edits: string
  from_me: number
  sender_name: string | null
  /** JSON of a `MessageContent` or an `OutboundContent`. */
  content: string
  mentioned: number
  /** JSON of a `QuotedMessage`, or null. */
  quoted: string | null
  outcome: Outcome
  binding_id: string | null
  sent_at: number
  received_at: number
}

export type TurnTable = {
  id: string
  org: OrgId
  account: AccountName
  message_id: string
  chat_key: ChatKey
  agent: string
  request_id: string
  status: TurnStatus
  /** Why it failed; null otherwise. */
  code: string | null
  queued_at: number
  ended_at: number | null
}

export type SendTable = {
  id: string
  org: OrgId
  account: AccountName
  message_id: string
  chat_key: ChatKey
  /** That of its message: the order in which a chat's sends go out. */
  seq: number
  stanza_id: string
  /** JSON of an `OutboundContent`. */
  content: string
  /** The rendered message; null until it was rendered. */
  bytes: Uint8Array | null
  status: DeliveryStatus
  rejected_code: number | null
  accepted_at: number
}

export type IdempotencyKeyTable = {
  org: OrgId
  key: string
  body_hash: string
  send_id: string
  created_at: number
}

/** How far each account's journal has been taken over. */
export type CursorTable = { org: OrgId; account: AccountName; through: number }

/** The last number given out in each org's stream of events. */
export type SequenceTable = { org: OrgId; last: number }

export type Schema = {
  accounts: AccountTable
  confirmations: ConfirmationTable
  bindings: BindingTable
  people: PersonTable
  messages: MessageTable
  turns: TurnTable
  sends: SendTable
  idempotency_keys: IdempotencyKeyTable
  cursors: CursorTable
  sequences: SequenceTable
}
