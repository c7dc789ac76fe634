import { replyRequest, type ReplyRequest, type Wording } from '../contract/api/sends.ts'
import { whatsAppMarks } from './markdown.ts'
import { inParts, type Between } from './content-parts.ts'

/** A text longer than this is converted in pieces, so that nobody else waits long. */
const READ_AT_ONCE = 65_536
const PIECE_LETTERS = 16_384
const BORDERS = ['\n\n', '\n', ' '] as const

/** A reply as the messages it is sent as; null if it is not valid. */
export async function wordingsOf(reply: string | ReplyRequest, between: Between): Promise<Wording[] | null> {
  if (reply === '') return []
  const read = replyRequest.safeParse(typeof reply === 'string' ? { text: reply } : reply)
  if (!read.success) return null
  const { plain = false, ...wording } = read.data
  const { text, media, edit } = wording
  const said = plain ? (words: string): string => words : whatsAppMarks
  if (text === undefined) {
    const caption = media?.caption && { media: { ...media, caption: said(media.caption) } }
    return [{ ...wording, ...caption, ...(edit && { edit: { ...edit, text: said(edit.text) } }) }]
  }
  return text.trim() === '' ? [] : inParts(wording, between, saidOf(text, { said, between }))
}

/** The converted text, piece by piece. */
async function* saidOf(
  text: string,
  { said, between }: { said: (piece: string) => string; between: Between },
): AsyncGenerator<string, void, undefined> {
  for (let from = 0; from < text.length;) {
    const to = text.length <= READ_AT_ONCE ? text.length : endOfPiece(text, from)
    const piece = text.slice(from, to)
    if (piece.trim() !== '') yield said(piece)
    from = to
    if (from < text.length) await between()
  }
}

/** The end of the piece: after the last paragraph, line or word that ends late enough. */
function endOfPiece(text: string, from: number): number {
  const most = from + PIECE_LETTERS
  if (most >= text.length) return text.length
  const piece = text.slice(from, most)
  const ends = BORDERS.map(border => piece.lastIndexOf(border) + border.length)
  return from + (ends.find(end => end > PIECE_LETTERS / 2) ?? withoutHalf(piece).length)
}

/** Removes the first half of a surrogate pair that would be cut in two. */
const withoutHalf = (piece: string): string => piece.replace(/[\uD800-\uDBFF]$/, '')
