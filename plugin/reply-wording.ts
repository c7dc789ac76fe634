import { replyRequest, type ReplyRequest, type Wording } from './contract/api-send.ts'
import { whatsAppMarks } from './markdown.ts'
import { inParts } from './wording-parts.ts'

/** A reply as it is said, in as many messages as it takes; null when it is nothing that can be said. */
export function wordingsOf(reply: string | ReplyRequest): Wording[] | null {
  if (reply === '') return []
  const read = replyRequest.safeParse(typeof reply === 'string' ? { text: reply } : reply)
  if (!read.success) return null
  const { plain = false, ...wording } = read.data
  if (wording.text === undefined) return [wording]
  const text = plain ? wording.text : whatsAppMarks(wording.text)
  return text.trim() === '' ? [] : inParts({ ...wording, text })
}
