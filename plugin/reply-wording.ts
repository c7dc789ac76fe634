import { replyRequest, type ReplyRequest, type Wording } from './contract/api-send.ts'
import { whatsAppMarks } from './markdown.ts'
import { inParts } from './wording-parts.ts'

/** A reply as it is said, in as many messages as it takes; null when it is nothing that can be said. */
export function wordingsOf(reply: string | ReplyRequest): Wording[] | null {
  if (reply === '') return []
  const read = replyRequest.safeParse(typeof reply === 'string' ? { text: reply } : reply)
  if (!read.success) return null
  const { plain = false, ...written } = read.data
  const wording = plain ? written : inMarks(written)
  if (wording.text === undefined) return [wording]
  return wording.text.trim() === '' ? [] : inParts({ ...wording, text: wording.text })
}

/** What is Markdown in a reply: its text, the caption of its file, the new words of an edit. */
function inMarks(wording: Wording): Wording {
  const { text, media, edit } = wording
  return {
    ...wording,
    ...(text !== undefined && { text: whatsAppMarks(text) }),
    ...(media?.caption && { media: { ...media, caption: whatsAppMarks(media.caption) } }),
    ...(edit && { edit: { ...edit, text: whatsAppMarks(edit.text) } }),
  }
}
