import type { proto } from '@whiskeysockets/baileys'

import { claimed, type Claimed } from '../../contract/claimed.ts'
import type { Chat } from '../../contract/ids.ts'
import type { Forwarding } from '../../contract/message.ts'
import { wholeNumber } from './proto-numbers.ts'

/** Payments and comments have their note in a message of its own. */
type Part = {
  readonly contextInfo?: proto.IContextInfo | null
  readonly noteMessage?: proto.IMessage | null
  readonly message?: proto.IMessage | null
}

/** Where a message says what it mentions, quotes and comes from, whichever type it has; null if it says nothing of that. */
export function contextOf(message: proto.IMessage): proto.IContextInfo | null {
  for (const part of Object.values(message) as (Part | string | null | undefined)[]) {
    if (typeof part !== 'object' || part === null) continue
    const note = part.noteMessage ?? part.message
    const context = part.contextInfo ?? (note ? contextOf(note) : null)
    if (context) return context
  }
  return null
}

/**
 * Whether a message claims to be forwarded: by the mark, by how often it was, or by its channel or assistant. Null if it does not.
 */
export function forwardingOf(context: proto.IContextInfo | null): Claimed<Forwarding> | null {
  const score = wholeNumber(context?.forwardingScore) ?? 0
  const { isForwarded, forwardedNewsletterMessageInfo: channel, forwardedAiBotMessageInfo: assistant } = context ?? {}
  return isForwarded === true || score > 0 || channel || assistant ? claimed({ score: Math.max(score, 0) }) : null
}

/** Whether a message mentions everybody in its group: by the mark for that, or by naming the group itself. */
export function mentionsAll(context: proto.IContextInfo | null, chat: Chat): boolean {
  if (!context || chat.kind === 'direct') return false
  const { nonJidMentions, groupMentions, mentionedJid } = context
  const named = [...(groupMentions ?? []).map(({ groupJid }) => groupJid), ...(mentionedJid ?? [])]
  return (wholeNumber(nonJidMentions) ?? 0) > 0 || named.some(jid => jid === chat.group)
}
