import type { InboundMessage } from './contract/message.ts'
import type { Outcome } from './store/schema.ts'

/** What no agent is asked about unless the settings say so. */
export const ALSO_ANSWERED = ['edit', 'reaction', 'poll_vote', 'group_change', 'call', 'business'] as const
export type AlsoAnswered = (typeof ALSO_ANSWERED)[number]

/**
 * Why no binding is asked about a message; null when one is. It is `own` when the linked number wrote it, also in a chat
 * with itself.
 */
export function whyUnasked(
  { edits, content }: Pick<InboundMessage, 'edits' | 'content'>,
  own: boolean,
  also: ReadonlySet<AlsoAnswered>,
): Outcome | null {
  const { kind } = content
  if (kind === 'undecryptable') return 'undecryptable'
  if (own) return 'ignored: own'
  if (kind === 'revoke' || kind === 'album') return `ignored: ${kind}`
  if (kind === 'unsupported' && content.caption === '') return 'ignored: unsupported'
  if (kind === 'payment' && content.note === '') return 'ignored: payment'
  const optional = ALSO_ANSWERED.find(each => each === (edits === null ? kind : 'edit'))
  return optional && !also.has(optional) ? `ignored: ${optional}` : null
}
