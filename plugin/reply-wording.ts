import { replyRequest, type ReplyRequest, type Wording } from './contract/api-send.ts'
import { whatsAppMarks } from './markdown.ts'
import { textParts } from './text-parts.ts'

/** A reply as it is said, in as many messages as it takes; null when it is nothing that can be said. */
export function wordingsOf(reply: string | ReplyRequest): Wording[] | null {
  if (reply === '') return []
  const read = replyRequest.safeParse(typeof reply === 'string' ? { text: reply } : reply)
  if (!read.success) return null
  const { plain = false, ...wording } = read.data
  if (wording.text === undefined) return [wording]
  const parts = textParts(plain ? wording.text : whatsAppMarks(wording.text))
  // Only the first answers the message; each mentions those whom it names.
  const { reply_to: replyTo, ...rest } = wording
  return parts.map((text, index) => ({
    ...rest,
    text,
    ...(index === 0 && replyTo !== undefined && { reply_to: replyTo }),
  }))
}
