import { plainText } from '../../contract/plain-text.ts'

/** What is read aloud, or shown beside an element. What a person edits stays as it is. */
const SAID = ['aria-label', 'title', 'alt', 'placeholder'] as const

/** A piece of the page as Preact makes it. A text has no type, and is its own properties. */
type Piece = { readonly type: unknown; props: unknown }

/** Hides nothing in what a piece of the page shows, no matter who wrote it. */
export function showPlainly(piece: Piece): void {
  if (piece.type === null && typeof piece.props === 'string') piece.props = plainText(piece.props)
  if (typeof piece.type !== 'string') return
  const props = piece.props as Record<string, unknown>
  for (const name of SAID) if (typeof props[name] === 'string') props[name] = plainText(props[name])
}
