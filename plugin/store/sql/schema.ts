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

/** What became of a message, as the wire shows it. */
export type Outcome =
  | 'matched'
  | 'answered'
  | 'no_reply'
  | 'needs_operator'
  | 'dead_letter'
  /** A person cancelled its turn. */
  | 'cancelled'
  /** It restarted the conversation; no agent was asked. */
  | 'reset'
  | 'undecryptable'
  | 'undecryptable: expired'
  /** It is sealed, and the message that it is about opens it not, or not yet. */
  | `undecryptable: ${SealedReason}`
  | `unmatched: ${UnmatchedReason}`
  | 'ignored: own'
  /** The owner handed a chat back to its agent. */
  | 'ignored: resume'
  | 'ignored: unsupported'
  /** It changes, takes back, or says something of another message or of the group, or it only calls. */
  | `ignored: ${'edit' | 'reaction' | 'poll_vote' | 'event_response' | 'group_change' | 'call' | 'album' | 'revoke' | 'business' | 'payment'}`
  /** Only the phone shows it, and once. */
  | 'ignored: view_once_on_phone'
  /** It is an approver's answer. */
  | 'ignored: approval'
  /** It was taken back before its turn began. */
  | 'ignored: revoked'
  /** It, or what was said together with it, disappeared from its chat before anybody had answered it. */
  | 'ignored: forgotten'
  /** It turned out to be another message that is kept. */
  | 'ignored: duplicate'
  | Exclude<DeliveryStatus, 'rejected'>
  | `rejected: ${string}`

/** `per_<ulid>`: one person as one account knows them. */
export type PersonId = `per_${string}`

/** What names a conversation within one account: the peer's row, which outlives a change of address, or the group. */
export type ChatKey = PersonId | GroupId

/** A chat of an account. */
export type ChatOf = AccountKey & { readonly chatKey: ChatKey }

/** A configured account. */
export type AccountTable = {
  org: OrgId
  account: AccountName
  display_name: string | null
  /** The number that is linked now; no two accounts have the same. */
  phone: Phone | null
  last_connected_at: number | null
  configured_at: number
  /**
   * The number whose messages are taken over: the one that was linked last, linked still or not; null as soon as another
   * may be scanned, until it is known that it may stay.
   */
  journal_phone: Phone | null
  /** The version of WhatsApp Web that WhatsApp told this account the end of, and that end; null: it told none, or took it back. */
  expiring_version: WebVersion | null
  client_expires_at: number | null
}

/** What a group is called since an instant, ms UTC. */
export type GroupSubjectTable = { org: OrgId; account: AccountName; group_id: GroupId; since: number; subject: string }

/** The version of WhatsApp Web that a network let in last, and when it was last known to be the newest. */
export type WebVersionTable = { network: string; version: string; known_at: number }

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
  enabled: number
  version: number
  conversation: ConversationScope
  suspended_at: number | null
}

/** What a binding was, from one change of its org's bindings to before another; null while it still is. */
export type BindingRevisionTable = BindingTable & { from_change: number; to_change: number | null }

export type PersonTable = {
  id: PersonId
  org: OrgId
  account: AccountName
  lid: Lid | null
  phone: Phone | null
  /** Of what they wrote and that is not kept any more: the first and the last, in any chat, and the last one directly. */
  first_contact_at: Generated<number | null>
  last_contact_at: Generated<number | null>
  wrote_at: Generated<number | null>
}

/** One row: for how many days messages are kept where nobody has said it; 0: for ever. */
export type RetentionTable = { days: number }

export type MessageTable = {
  id: string
  org: OrgId
  account: AccountName
  /** Its number in the org's stream of events; below zero while it is not in the stream yet. */
  seq: number
  direction: 'inbound' | 'outbound'
  chat_key: ChatKey
  sender_id: PersonId
  /** Null for what we sent. */
  receiver_id: PersonId | null
  stanza_id: string
  /** JSON of a `MessageKey`; null for what we sent, and for what came before this was kept. */
  stanza_key: string | null
  /** The stanza id that this one edits; empty when it is a message of its own, because a unique key cannot hold null. */
  edits: string
  from_me: number
  sender_name: string | null
  /** JSON of a `MessageContent` or an `OutboundContent`. */
  content: string
  mentioned: number
  mentions_all: number
  /** How often it was forwarded, as its sender says; null when that one does not say so. */
  forwarded: number | null
  /** JSON of a `QuotedMessage`, or null. */
  quoted: string | null
  /** The message that it quotes, as far as that was kept when this one came. */
  quotes: string | null
  outcome: Outcome
  binding_id: string | null
  /** JSON of a `Judged`; null for what no binding was asked about, and what came before this was kept. */
  judged: string | null
  /** The message that it answers; null for what is no reply, and for what came in. */
  answers: string | null
  /** The message that took it back or, when it is ours, edited it last. What others edit is replaced. */
  changed_by: string | null
  /** The stanza id of the album that its picture or video is part of; null for everything else. */
  album: string | null
  /** The message whose turn is about this one as well; null for one that has a turn of its own, or none. */
  gathered_in: string | null
  sent_at: number
  received_at: number
  /** After how many seconds it disappears from its chat, as the gateway has it; null: it stays. */
  expires_in: number | null
  /** When what it says is to be forgotten; null: not by that, or it is. */
  forget_at: number | null
}

/** The file that a message brings. */
export type AttachmentTable = {
  message_id: string
  org: OrgId
  account: AccountName
  /** The gateway's name for it. */
  file: string
  kind: MediaKind
  file_name: string | null
  /** What is known of it once it is kept. */
  artifact_id: string | null
  mime: string | null
  size_bytes: number | null
  sha256: string | null
  /** Why it was given up. */
  failure: AttachmentFailure | null
  attempts: number
  /** Since when somebody waits for it; null: nobody does. */
  wanted_at: number | null
  /** When it is tried next; null: not any more, or not yet. */
  next_at: number | null
}

export type TurnTable = {
  id: string
  org: OrgId
  account: AccountName
  message_id: string
  chat_key: ChatKey
  agent: string
  /** As its binding had it when it was queued. */
  conversation: ConversationScope
  request_id: string
  status: TurnStatus
  /** Why its last attempt failed or a person is needed; null otherwise. */
  code: string | null
  /** How many attempts were begun: also the fence of the last one. */
  attempt: number
  /** How many attempts failed by themselves. */
  failures: number
  /** How many attempts ended with their process. */
  crashes: number
  /** When the next attempt may begin; null: at once. */
  next_at: number | null
  /** Until when it waits at most for what waits at WhatsApp; null: it does not. */
  backlog_until: number | null
  /** The step that a person has to decide about. */
  parked_step: number | null
  /** When its last attempt began; null when none did, or that was before it was kept. */
  began_at: number | null
  /** When that attempt is ended at the latest. */
  deadline_at: number | null
  /** What its last attempt failed with, for those who administer: no word of a chat is in it. */
  failure: string | null
  queued_at: number
  ended_at: number | null
  /** How many turns of its chat in a row, itself the last of them, followed hard on our replies. */
  run: Generated<number>
  /** Until when it waits for what else its sender says; null: nothing joins it, not any more. */
  gathers_until: number | null
  /** How long it waited so behind the last of its messages. */
  gather_wait_ms: Generated<number>
  /** How many messages it is about. */
  pieces: Generated<number>
}

/** What is known of loops in a chat. */
export type LoopTable = {
  org: OrgId
  account: AccountName
  chat_key: ChatKey
  /** Null while none is suspected, and since it was let go on. */
  sign: LoopSign | null
  since: number | null
  /** The number of the org's stream after which it is looked at. */
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
  /** Pending also after it has lapsed. */
  status: ApprovalStatus
  note: string | null
  requested_at: number
  expires_at: number
  decided_at: number | null
  decided_by: string | null
  /** When its call began; it lets none pass after that. */
  used_at: number | null
  /** What an approver answered in a chat, until it is decided. */
  answer: 'approved' | 'denied' | null
  answered_by: string | null
}

/** The sends that ask approvers. */
export type ApprovalPromptTable = { send_id: string; approval_id: string }

export type StepTable = {
  turn_id: string
  n: number
  /** The attempt that wrote it last. */
  attempt: number
  tool: string
  effect: ToolEffect
  arguments_hash: string
  status: StepStatus
  /** JSON, once it is done. */
  result: string | null
  /** What the gate said to the call as it is, without an approval; null for what was recorded before this was kept. */
  decision: GateDecision['decision'] | null
  /** Why it was refused or takes an approval, in words of the org's policies or ours; null for what was allowed. */
  reason: string | null
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
  /** Ours; null when WhatsApp refused it, and for what was rejected before this was kept. */
  rejected_reason: RejectedReason | null
  accepted_at: number
  class: SendClass
  /** Drawn when it was accepted: neither a restart nor a second look changes when it is due. */
  not_before: number
  /** Drawn as well: how long after the account's last send of this kind. */
  gap_ms: number
  expires_at: number
  /** Of the first transmission; null while it can be taken back. */
  transmitted_at: number | null
  /** Of the server's word. */
  settled_at: number | null
  /** Null for what is no text. */
  text_hash: string | null
  held: 'same_text' | null
  /** Null when it is what was asked for, and until it has gone out. */
  remark: Remark | null
  /** Whether WhatsApp is asked for the number before it goes out. */
  ask_first: number
}

/** What WhatsApp said of a number that an account asked for; `address` is null when nobody has it. */
export type ContactTable = {
  org: OrgId
  account: AccountName
  number: Phone
  address: Phone | null
  answered_at: number
}

/** When an account asked for which number, for the time that its budget looks back. */
export type LookupTable = { org: OrgId; account: AccountName; number: Phone; asked_at: number }

/** Each step of each send, under its number among those of the org. */
export type SendChangeTable = {
  org: OrgId
  seq: number
  send_id: string
  status: DeliveryStatus
  rejected_code: number | null
  rejected_reason: RejectedReason | null
  changed_at: number
}

/** A chat that a person has taken over, or had. */
export type TakeoverTable = {
  org: OrgId
  account: AccountName
  chat_key: ChatKey
  since: number
  /** Null: until a person hands it back. */
  until: number | null
  taken_by: TakenBy
  /** When a person last handed it back; 0: never. */
  resumed_at: number
}

/** What pacing remembers of a number that an account was linked as, longer than the link. */
export type TimeLockTable = {
  org: OrgId
  account: AccountName
  phone: Phone
  locked_until: number
  /** When we heard of it; null for what was heard before this was kept. */
  noted_at: number | null
}

export type AllowanceTable = {
  org: OrgId
  account: AccountName
  phone: Phone
  /** When it was first seen connected. */
  linked_at: number
  banned_until: number | null
  /** When we heard of the ban; null for none, and for what was heard before this was kept. */
  banned_at: number | null
}

export type IdempotencyKeyTable = { org: OrgId; key: string; body_hash: string; send_id: string; created_at: number }

/** How far each account's journal has been taken over. */
export type CursorTable = {
  org: OrgId
  account: AccountName
  through: number
  /** When the gateway had the last message that was in it; null before the first. */
  received_at: number | null
}

/** The last number given out in each org's stream of events. */
export type SequenceTable = { org: OrgId; last: number }

/** The last change of an org's bindings, and from which on it is known what they were. */
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
