import type { MessageContent } from './content.ts'
import type { Chat, OrgId, Person } from './ids.ts'

/**
 * Which messages a binding takes: every key is optional, all that are given must hold, an empty rule takes everything.
 * `from`, `group` and `to` name a person by any of their addresses (E.164 or `lid:<digits>`); `group` also a group.
 * The keys are the documented ones (agentcy-host.md §1.3).
 */
export type MatchRule = {
  readonly channel?: 'whatsapp' | undefined
  /** A group's id; or a person, who is then the sender in a group or the peer of a direct chat. */
  readonly group?: string | undefined
  /** Who wrote it. */
  readonly from?: string | undefined
  /** The linked number it was written to. */
  readonly to?: string | undefined
  /** RE2 syntax, searched in the first 16 kB of the text. */
  readonly text_regex?: string | undefined
  /** Ours: whether the linked number is mentioned, or one of its messages answered. Mention activates, it never authorises. */
  readonly mentioned?: boolean | undefined
  /** Ours: its sender says that it was forwarded. That one does not say so proves nothing, and cannot be asked for. */
  readonly forwarded?: true | undefined
  /** Ours: whether it was written to a person or to a group. */
  readonly chat_type?: 'direct' | 'group' | undefined
}

/** The facts of a message that rules ask about. `receiver` is the linked number it arrived at. */
export type MatchInput = {
  readonly chat: Chat
  readonly sender: Person
  readonly receiver: Person
  readonly text: string
  /** Whether the linked number was mentioned, or answered. */
  readonly mentioned: boolean
  /** What its sender claims of it; absent when that is nothing. */
  readonly claimed?: { readonly forwarded: boolean }
}

/**
 * Whose conversation an agent takes part in: that of all who are in a chat or, in groups, that of each participant with it
 * alone. In a direct chat there is no difference.
 */
export type ConversationScope = 'chat' | 'participant'

/** A rule and the agent that answers what it takes. Lower `position` is asked first; the first that matches answers. */
export type Binding = {
  /** `bnd_<ulid>` */
  readonly id: string
  readonly org: OrgId
  readonly agent: string
  readonly rule: MatchRule
  readonly conversation: ConversationScope
  readonly position: number
  /** Passed over when it is not. */
  readonly enabled: boolean
  /** From 1, raised with each change of it; its place among the others is none. */
  readonly version: number
  /** ms UTC: since when its pattern is not searched any more, because that took too long too often; null: it is. Until it is saved again. */
  readonly suspendedAt: number | null
  /** ms UTC */
  readonly createdAt: number
}

/** What a message was judged by: the bindings after so many changes of them, and what was known of its people then. */
export type Judged = {
  readonly change: number
  readonly sender: Person
  readonly receiver: Person
  /** Null in a group. */
  readonly peer: Person | null
  /** What it said then; missing while that is what it says now. */
  readonly text?: string
  /** What it was when its turn was begun, which goes on about that; missing while it was not changed since. */
  readonly content?: MessageContent
}

/**
 * Why nobody answers a message.
 *
 * - `no_binding`: no rule took it.
 * - `identity_unknown`: a rule that comes before any match names a person by an address that WhatsApp has not told us
 *   for this sender yet; it is looked at again when the address arrives.
 * - `link_unconfirmed`: nobody has been shown yet which number was linked; it is looked at again when somebody was.
 * - `rate_limited`: a rule took it, and it is one more than its sender, its group or the account may have answered of a
 *   minute; a person may have it asked about again.
 * - `human_takeover`: a rule took it, and a person has the chat, or had it when that was written; it is not looked at again
 *   when they hand it back, though a person may have it asked about.
 * - `album_late`: a rule took it, and it is part of an album that its agent was asked about before it came, or of one that had 100
 *   already.
 * - `edited_away`: a rule took it, and its sender made of it what none takes, before its agent was asked; a person may have it asked
 *   about.
 * - `rule_too_slow`: all of a rule but its pattern holds, and that takes too long to be searched, or did so too often; a person may
 *   have it asked about again.
 * - `loop_suspected`: a rule took it, and what comes to its chat looks like a machine that answers us; a person may let the
 *   chat go on.
 */
export type UnmatchedReason =
  | 'no_binding'
  | 'identity_unknown'
  | 'link_unconfirmed'
  | 'rate_limited'
  | 'human_takeover'
  | 'album_late'
  | 'edited_away'
  | 'rule_too_slow'
  | 'loop_suspected'

/** Who answers a message, or why nobody does. */
export type Resolution =
  | { readonly outcome: 'matched'; readonly binding: Binding }
  | { readonly outcome: 'unmatched'; readonly reason: UnmatchedReason }
