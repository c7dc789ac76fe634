import type { MessageContent } from './content.ts'
import type { Chat, OrgId, Person } from './ids.ts'

/**
 * Which messages a binding matches. Every key is optional; all given keys must match; an empty rule matches everything. `from`,
 * `group` and `to` name a person by any of their addresses (E.164 or `lid:<digits>`); `group` also a group. The keys are the
 * documented ones (agentcy-host.md §1.3).
 */
export type MatchRule = {
  readonly channel?: 'whatsapp' | undefined
  /** A group's id; or a person: the sender in a group, or the peer of a direct chat. */
  readonly group?: string | undefined
  /** Who wrote it. */
  readonly from?: string | undefined
  /** The linked number that received it. */
  readonly to?: string | undefined
  /** RE2 syntax; searched in the first 16 kB of the text. */
  readonly text_regex?: string | undefined
  /**
   * Our extension: whether the linked number is mentioned, or one of its messages answered. A mention activates an agent; it
   * never authorises.
   */
  readonly mentioned?: boolean | undefined
  /**
   * Our extension: the sender marks the message as forwarded. The absence of that mark proves nothing, so a rule cannot ask for
   * it.
   */
  readonly forwarded?: true | undefined
  /** Our extension: whether it was written to a person or to a group. */
  readonly chat_type?: 'direct' | 'group' | undefined
}

/** The facts of a message that rules compare. `receiver` is the linked number it arrived at. */
export type MatchInput = {
  readonly chat: Chat
  readonly sender: Person
  readonly receiver: Person
  readonly text: string
  /** Whether the linked number was mentioned, or answered. */
  readonly mentioned: boolean
  /** What the sender claims about the message; absent if that is nothing. */
  readonly claimed?: { readonly forwarded: boolean }
}

/**
 * Whose conversation the agent sees: that of everybody in the chat or, in groups, that of each participant separately. In a
 * direct chat there is no difference.
 */
export type ConversationScope = 'chat' | 'participant'

/**
 * A rule and the agent that answers the messages it matches. Bindings are evaluated by ascending `position`; the first that
 * matches answers.
 */
export type Binding = {
  /** `bnd_<ulid>` */
  readonly id: string
  readonly org: OrgId
  readonly agent: string
  readonly rule: MatchRule
  readonly conversation: ConversationScope
  readonly position: number
  /** A disabled binding is skipped. */
  readonly enabled: boolean
  /** Starts at 1 and increases with each change of the binding, except changes of its position. */
  readonly version: number
  /**
   * ms UTC: since when the pattern is no longer searched, because it took too long too often; null: it is searched. Lasts until
   * the binding is saved again.
   */
  readonly suspendedAt: number | null
  /** ms UTC */
  readonly createdAt: number
}

/**
 * The facts by which a message was judged: the bindings as of their change number `change`, and the addresses known for its
 * people then.
 */
export type Judged = {
  readonly change: number
  readonly sender: Person
  readonly receiver: Person
  /** Null in a group. */
  readonly peer: Person | null
  /** The text at that time; missing while it is still the current text. */
  readonly text?: string
  /** The content when its turn began, which the turn continues with; missing while it has not changed since. */
  readonly content?: MessageContent
}

/**
 * Why nobody answers a message.
 *
 * - `no_binding`: no rule matched.
 * - `identity_unknown`: a rule that comes before any match names a person by an address that WhatsApp has not told us for this
 *   sender yet; the message is judged again when the address becomes known.
 * - `link_unconfirmed`: nobody has been shown yet which number was linked; the message is judged again when somebody was.
 * - `rate_limited`: a rule matched, but the sender, the group or the account has reached its number of answered messages for this
 *   minute; a person can have it judged again.
 * - `human_takeover`: a rule matched, but a person has the chat, or had it when the message was written; it is not judged again
 *   when they hand the chat back, but a person can request that.
 * - `album_late`: a rule matched, but the message is part of an album that its agent was asked about before it arrived, or of one
 *   that had 100 parts already.
 * - `edited_away`: a rule matched, but before its agent was asked the sender edited the message so that no rule matches; a person
 *   can have it judged again.
 * - `rule_too_slow`: all of a rule except its pattern matches, and the pattern takes too long to search, or did so too often; a
 *   person can have it judged again.
 * - `loop_suspected`: a rule matched, but the messages in the chat look like a machine that answers us; a person can let the chat
 *   continue.
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
