import { TRIGGER_KINDS, type TriggerKind } from '../config/inbound-limits.ts'
import type { InboundMessage } from '../contract/message.ts'
import type { Outcome } from '../store/sql/schema.ts'

/**
 * Why no binding is asked about a message; null if bindings are asked. A message is `own` if the linked number wrote it, also in a
 * chat with itself.
 */
export function ignoreReason(
  { edits, content }: Pick<InboundMessage, 'edits' | 'content'>,
  own: boolean,
  also: ReadonlySet<TriggerKind>,
): Outcome | null {
  const { kind } = content
  if (kind === 'forgotten') return 'ignored: forgotten'
  if (kind === 'undecryptable') return 'undecryptable'
  if (content.kind === 'sealed') return `undecryptable: ${content.reason}`
  if (own) return 'ignored: own'
  if (kind === 'view_once') return 'ignored: view_once_on_phone'
  if (kind === 'revoke' || kind === 'album') return `ignored: ${kind}`
  if (kind === 'unsupported' && content.caption === '') return 'ignored: unsupported'
  if (kind === 'payment' && content.note === '') return 'ignored: payment'
  const optional = TRIGGER_KINDS.find(each => each === (edits === null ? kind : 'edit'))
  return optional && !also.has(optional) ? `ignored: ${optional}` : null
}

/** Whether a message replaces the row that was reserved for it, because it contains more now than when it first arrived. */
export function isUpgrade(
  { content }: Pick<InboundMessage, 'content'>,
  { outcome }: { readonly outcome: Outcome },
): boolean {
  if (content.kind === 'sealed') return outcome === 'undecryptable' || outcome === 'undecryptable: expired'
  return outcome.startsWith('undecryptable') && content.kind !== 'undecryptable'
}
