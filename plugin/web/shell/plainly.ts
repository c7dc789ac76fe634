import { plainText } from '../../contract/plain-text.ts'

/** Attributes that are read aloud or shown beside an element. Text that users edit stays as it is. */
const SAID = ['aria-label', 'title', 'alt', 'placeholder'] as const

/** A Preact vnode. A text node has type null, and its props are the text. */
type Piece = { readonly type: unknown; props: unknown }

/** Makes invisible characters visible in all that the page shows, no matter who wrote it. */
export function showPlainly(piece: Piece): void {
  if (piece.type === null && typeof piece.props === 'string') piece.props = plainText(piece.props)
  if (typeof piece.type !== 'string') return
  const props = piece.props as Record<string, unknown>
  for (const name of SAID) if (typeof props[name] === 'string') props[name] = plainText(props[name])
}
