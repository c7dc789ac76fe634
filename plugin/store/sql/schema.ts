import type { Generated } from 'kysely'

import type { ApprovalStatus } from '../../contract/approval.ts'
import type { ConversationScope, UnmatchedReason } from '../../contract/binding.ts'
import type { MediaKind, SealedReason } from '../../contract/content.ts'
import type { DeliveryStatus, Remark, SendClass } from '../../contract/delivery.ts'
import type { AccountKey, AccountName, GroupId, Lid, OrgId, Phone } from '../../contract/ids.ts'
import type { GateDecision, ToolEffect } from '../../contract/policy.ts'
import type { LoopSign } from '../../contract/loop.ts'
import type { AttachmentFailure } from '../../contract/media.ts'
import type { RejectedReason } from '../../contract/rejection.ts'
import type { TakenBy } from '../../contract/takeover.ts'
import type { StepStatus, TurnStatus } from '../../contract/turn.ts'
import type { WebVersion } from '../../contract/web-version.ts'

/** The outcome of a message, as shown to clients. */
export type Outcome =
  | 'matched'
  | 'answered'
  | 'no_reply'
  | 'needs_operator'
  | 'dead_letter'
  /** A person cancelled the message's turn. */
  | 'cancelled'
  /** The message restarted the conversation; no agent was asked. */
  | 'reset'
  | 'undecryptable'
  | 'undecryptable: expired'
  /** The content is sealed, and the message it refers to cannot open it, or not yet. */
  | `undecryptable: ${SealedReason}`
  | `unmatched: ${UnmatchedReason}`
  | 'ignored: own'
  /** The owner handed a chat back to its agent with this message. */
  | 'ignored: resume'
  | 'ignored: unsupported'
  /** The message edits, revokes or refers to another message or the group, or it only reports a call. */
  | `ignored: ${'edit' | 'reaction' | 'poll_vote' | 'event_response' | 'group_change' | 'call' | 'album' | 'revoke' | 'business' | 'payment'}`
  /** Only the phone can show the message, and only once. */
  | 'ignored: view_once_on_phone'
  /** The message is an approver's answer. */
  | 'ignored: approval'
  /** The message was taken back before its turn started. */
  | 'ignored: revoked'
  /** The message, or one gathered with it, disappeared from its chat before it was answered. */
  | 'ignored: forgotten'
  /** The message turned out to be a copy of another stored message. */
  | 'ignored: duplicate'
  | Exclude<DeliveryStatus, 'rejected'>
  | `rejected: ${string}`

/** `per_<ulid>`: a person as known by one account. */
export type PersonId = `per_${string}`

/** Identifies a conversation within an account: the id of the peer, which survives a change of address, or the group. */
export type ChatKey = PersonId | GroupId

/** A chat of an account. */
export type ChatOf = AccountKey & { readonly chatKey: ChatKey }

/** A configured account. */
export type AccountTable = {
  org: OrgId
  account: AccountName
  display_name: string | null
  /** The number that is linked now; no two accounts have the same number. */
  phone: Phone | null
  last_connected_at: number | null
  configured_at: number
  /**
   * The number whose journal entries are committed: the last linked number, whether or not it is still linked. Null from when
   * another number may be linked until it is known that it may stay.
   */
  journal_phone: Phone | null
  /**
   * The WhatsApp Web version that WhatsApp announced the end of to this account, and when it ends; null if there was no
   * announcement or it was withdrawn.
   */
  expiring_version: WebVersion | null
  client_expires_at: number | null
}

/** A group's name and since when it has it, ms UTC. */
export type GroupSubjectTable = { org: OrgId; account: AccountName; group_id: GroupId; since: number; subject: string }

/** The WhatsApp Web version that a network last accepted, and when it was last known to be the newest. */
export type WebVersionTable = { network: string; version: string; known_at: number }

/** The numbers that were shown as linked to a person who may pair. */
export type ConfirmationTable = { org: OrgId; account: AccountName; phone: Phone; confirmed_at: number }

export type BindingTable = {
  id: string
  org: OrgId
  agent: string
  /** JSON of a `MatchRule`. */
  rule: string
  position: number
  created_at: number
  enabled: number
  version: number
  conversation: ConversationScope
  suspended_at: number | null
}

/**
 * A revision of a binding: valid from one change of the org's bindings to before another; `to_change` is null while it is current.
 */
export type BindingRevisionTable = BindingTable & { from_change: number; to_change: number | null }

export type PersonTable = {
  id: PersonId
  org: OrgId
  account: AccountName
  lid: Lid | null
  phone: Phone | null
  /** From messages that are no longer stored: when the person first and last wrote in any chat, and last wrote directly. */
  first_contact_at: Generated<number | null>
  last_contact_at: Generated<number | null>
  wrote_at: Generated<number | null>
}

/** One row: for how many days messages are kept if the configuration does not say; 0: for ever. */
export type RetentionTable = { days: number }

export type MessageTable = {
  id: string
  org: OrgId
  account: AccountName
  /** The message's number in the org's event stream; negative until the message enters the stream. */
  seq: number
  direction: 'inbound' | 'outbound'
  chat_key: ChatKey
  sender_id: PersonId
  /** Null for messages we sent. */
  receiver_id: PersonId | null
  stanza_id: string
  /** JSON of a `MessageKey`; null for messages we sent, and for messages from before this was stored. */
  stanza_key: string | null
  /** The stanza id that this message edits; empty if it is not an edit, because a unique key cannot contain null. */
  edits: string
  from_me: number
  sender_name: string | null
  /** JSON of a `MessageContent` or an `OutboundContent`. */
  content: string
  mentioned: number
  mentions_all: number
  /** How often it was forwarded, according to its sender; null if the sender does not mark it as forwarded. */
  forwarded: number | null
  /** JSON of a `QuotedMessage`, or null. */
  quoted: string | null
  /** The message that it quotes, if that was stored when this one arrived. */
  quotes: string | null
  outcome: Outcome
  binding_id: string | null
  /** JSON of a `Judged`; null for messages that were not checked against bindings, and from before this was stored. */
  judged: string | null
  /** The message that it answers; null if it is not a reply, and for inbound messages. */
  answers: string | null
  /** The message that took it back or, for a message of ours, its latest edit. Edits by others replace the content instead. */
  changed_by: string | null
  /** The stanza id of the album that this picture or video is part of; null for all other messages. */
  album: string | null
  /** The head message of the turn that includes this message; null if this message has its own turn or none. */
  gathered_in: string | null
  sent_at: number
  received_at: number
  /** After how many seconds it disappears from its chat, according to the gateway; null if it stays. */
  expires_in: number | null
  /** When its content has to be forgotten; null if it does not disappear or is forgotten already. */
  forget_at: number | null
}

/** The file of a message. */
export type AttachmentTable = {
  message_id: string
  org: OrgId
  account: AccountName
  /** The file's name at the gateway. */
  file: string
  kind: MediaKind
  file_name: string | null
  /** Known once the file is stored. */
  artifact_id: string | null
  mime: string | null
  size_bytes: number | null
  sha256: string | null
  /** Why the file was given up. */
  failure: AttachmentFailure | null
  attempts: number
  /** Since when the file has been requested; null if it was not. */
  wanted_at: number | null
  /** When the next attempt is due; null if there are no more attempts or none yet. */
  next_at: number | null
}

export type TurnTable = {
  id: string
  org: OrgId
  account: AccountName
  message_id: string
  chat_key: ChatKey
  agent: string
  /** The binding's setting when the turn was queued. */
  conversation: ConversationScope
  request_id: string
  status: TurnStatus
  /** Why its last attempt failed or why a person is needed; null otherwise. */
  code: string | null
  /** How many attempts were started. Also the fencing token of the last attempt. */
  attempt: number
  /** How many attempts failed on their own. */
  failures: number
  /** How many attempts ended because their process died. */
  crashes: number
  /** When the next attempt may start; null: at once. */
  next_at: number | null
  /** Until when the turn waits at most for the backlog at WhatsApp; null if it does not wait for it. */
  backlog_until: number | null
  /** The step that needs a person's decision. */
  parked_step: number | null
  /** When its last attempt started; null if there was none, or it was before this was stored. */
  began_at: number | null
  /** The deadline of that attempt. */
  deadline_at: number | null
  /** The error of its last attempt, for administrators; contains no text from a chat. */
  failure: string | null
  queued_at: number
  ended_at: number | null
  /** How many turns of its chat in a row, up to this one, came right after our replies. */
  run: Generated<number>
  /** Until when it waits for more messages of its sender; null if no message can join it, or no longer. */
  gathers_until: number | null
  /** How long it waited for more messages after its last one. */
  gather_wait_ms: Generated<number>
  /** The number of its messages. */
  pieces: Generated<number>
}

/** What is known about loops in a chat. */
export type LoopTable = {
  org: OrgId
  account: AccountName
  chat_key: ChatKey
  /** Null if no loop is suspected, and after a person ended the suspicion. */
  sign: LoopSign | null
  since: number | null
  /** Only messages after this number of the org's stream count as signs of a loop. */
  pardoned_seq: number
}

export type ApprovalTable = {
  id: string
  org: OrgId
  turn_id: string
  step: number
  tool: string
  effect: ToolEffect
  /** JSON */
  arguments: string
  arguments_hash: string
  reason: string
  user: string
  /** Stays pending after it has lapsed. */
  status: ApprovalStatus
  note: string | null
  requested_at: number
  expires_at: number
  decided_at: number | null
  decided_by: string | null
  /** When its call started; after that it permits no other call. */
  used_at: number | null
  /** An approver's answer in a chat, until it is decided. */
  answer: 'approved' | 'denied' | null
  answered_by: string | null
}

/** The sends that ask approvers. */
export type ApprovalPromptTable = { send_id: string; approval_id: string }

export type StepTable = {
  turn_id: string
  n: number
  /** The attempt that last wrote it. */
  attempt: number
  tool: string
  effect: ToolEffect
  arguments_hash: string
  status: StepStatus
  /** JSON, once the step is done. */
  result: string | null
  /** The gate's decision on the call itself, without an approval; null for steps from before this was stored. */
  decision: GateDecision['decision'] | null
  /** Why the call was refused or needs an approval, in the words of the org's policies or ours; null if it was allowed. */
  reason: string | null
}

export type SendTable = {
  id: string
  org: OrgId
  account: AccountName
  message_id: string
  chat_key: ChatKey
  /** The `seq` of its message: the order in which a chat's sends are transmitted. */
  seq: number
  stanza_id: string
  /** JSON of an `OutboundContent`. */
  content: string
  /** The rendered message; null before it is rendered. */
  bytes: Uint8Array | null
  status: DeliveryStatus
  rejected_code: number | null
  /** Our own reason; null if WhatsApp rejected it, and for sends rejected before this was stored. */
  rejected_reason: RejectedReason | null
  accepted_at: number
  class: SendClass
  /** Drawn at acceptance, so that neither a restart nor a second check changes when it is due. */
  not_before: number
  /** Drawn at acceptance too: the gap to the account's previous send of this kind. */
  gap_ms: number
  expires_at: number
  /** The time of the first transmission; null while the send can still be cancelled. */
  transmitted_at: number | null
  /** When its status last changed; null while it is `accepted`. */
  settled_at: number | null
  /** Null if the content is not text. */
  text_hash: string | null
  held: 'same_text' | null
  /** Null if the sent message is what was requested, and before it is sent. */
  remark: Remark | null
  /** Whether WhatsApp is asked for the number before the first transmission. */
  ask_first: number
}

/** WhatsApp's answer about a number that an account looked up; `address` is null if nobody has the number. */
export type ContactTable = {
  org: OrgId
  account: AccountName
  number: Phone
  address: Phone | null
  answered_at: number
}

/** When an account looked up which number, for as long as its budget looks back. */
export type LookupTable = { org: OrgId; account: AccountName; number: Phone; asked_at: number }

/** The status changes of sends, each under its number within the org. */
export type SendChangeTable = {
  org: OrgId
  seq: number
  send_id: string
  status: DeliveryStatus
  rejected_code: number | null
  rejected_reason: RejectedReason | null
  changed_at: number
}

/** A present or past takeover of a chat by a person. */
export type TakeoverTable = {
  org: OrgId
  account: AccountName
  chat_key: ChatKey
  since: number
  /** Null: until a person hands the chat back. */
  until: number | null
  taken_by: TakenBy
  /** When a person last handed the chat back; 0: never. */
  resumed_at: number
}

/** What pacing stores about a number that an account was linked as; it outlives the link. */
export type TimeLockTable = {
  org: OrgId
  account: AccountName
  phone: Phone
  locked_until: number
  /** When we heard of the lock; null if that was before this was stored. */
  noted_at: number | null
}

export type AllowanceTable = {
  org: OrgId
  account: AccountName
  phone: Phone
  /** When the number was first seen connected. */
  linked_at: number
  banned_until: number | null
  /** When we heard of the ban; null if there is none, or it was before this was stored. */
  banned_at: number | null
}

export type IdempotencyKeyTable = { org: OrgId; key: string; body_hash: string; send_id: string; created_at: number }

/** How far each account's journal has been committed. */
export type CursorTable = {
  org: OrgId
  account: AccountName
  through: number
  /** When the gateway received the last message of the committed entries; null before the first. */
  received_at: number | null
}

/** The last number assigned in each org's event stream. */
export type SequenceTable = { org: OrgId; last: number }

/** The last change of an org's bindings, and from which change on their revisions are known. */
export type BindingChangeTable = SequenceTable & { kept_from: Generated<number> }

export type Schema = {
  accounts: AccountTable
  confirmations: ConfirmationTable
  bindings: BindingTable
  people: PersonTable
  retention: RetentionTable
  messages: MessageTable
  attachments: AttachmentTable
  turns: TurnTable
  steps: StepTable
  loops: LoopTable
  approvals: ApprovalTable
  approval_prompts: ApprovalPromptTable
  sends: SendTable
  idempotency_keys: IdempotencyKeyTable
  cursors: CursorTable
  sequences: SequenceTable
  send_changes: SendChangeTable
  send_sequences: SequenceTable
  binding_changes: BindingChangeTable
  binding_revisions: BindingRevisionTable
  allowances: AllowanceTable
  contacts: ContactTable
  lookups: LookupTable
  time_locks: TimeLockTable
  group_subjects: GroupSubjectTable
  takeovers: TakeoverTable
  web_versions: WebVersionTable
}
