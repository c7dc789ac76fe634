import type { Wording } from '../contract/api/sends.ts'
import type { OutboundContent, OutboundFile, Quote, Target } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { ChatOf } from '../store/sql/schema.ts'
import type { Connection } from '../store/sql/connection.ts'
import { findMessage, type StoredMessage, textOfStored } from '../store/messages/messages.ts'

/** What a caller wants to say; `file` is the file that comes with it, as the host stores it. */
export type Wish = { readonly wording: Wording; readonly file: OutboundFile | null }

const QUOTED_LETTERS_MOST = 1_024

/**
 * The content of a message as a request describes it.
 * @throws ChannelError `not_found` if it names a message of another chat, `not_our_message` if that message cannot be edited or
 * deleted, `bad_request` if it says nothing.
 */
export async function contentOf(
  transaction: Connection,
  { wording, file }: Wish,
  chat: ChatOf,
): Promise<OutboundContent> {
  const named = async (id: string): Promise<StoredMessage> => {
    const message = await findMessage(transaction, chat.org, id)
    if (message?.account !== chat.account || message.chatKey !== chat.chatKey) throw new ChannelError('not_found')
    return message
  }
  const { reaction, edit } = wording
  if (reaction) return { kind: 'reaction', emoji: reaction.emoji, target: targetOf(await named(reaction.message_id)) }
  if (edit) return { kind: 'edit', text: edit.text, target: ourTextOf(await named(edit.message_id)) }
  if (wording.delete) return { kind: 'delete', target: ourOwnOf(await named(wording.delete.message_id)) }
  const quote = wording.reply_to === undefined ? null : quoteOf(await named(wording.reply_to))
  return newContentOf({ wording, file }, quote ? { quote } : {})
}

function newContentOf(
  { wording: { text, media, poll, location, contact, mentions }, file }: Wish,
  remarks: { readonly quote?: Quote },
): OutboundContent {
  if (file) return { kind: 'media', file, caption: media?.caption ?? '', ...remarks, ...(mentions && { mentions }) }
  if (text !== undefined) return { kind: 'text', text, ...remarks, ...(mentions && { mentions }) }
  if (poll) return { kind: 'poll', question: poll.question, options: poll.options, most: poll.select, ...remarks }
  if (contact) return { kind: 'contact', ...contact, ...remarks }
  if (!location) throw new ChannelError('bad_request')
  const { latitude, longitude, name = '', address = '' } = location
  return { kind: 'location', latitude, longitude, name, address, ...remarks }
}

const targetOf = ({ stanzaId, fromMe, sender, key }: StoredMessage): Target => ({
  stanzaId,
  fromMe,
  sender: addressOfPerson(sender),
  ...(key && { key }),
})

function quoteOf(message: StoredMessage): Quote {
  return { ...targetOf(message), text: textOfStored(message).slice(0, QUOTED_LETTERS_MOST) }
}

function ourOwnOf(message: StoredMessage): Target {
  if (message.direction !== 'outbound') throw new ChannelError('not_our_message')
  return targetOf(message)
}

function ourTextOf(message: StoredMessage): Target {
  if (message.content.kind !== 'text') throw new ChannelError('not_our_message')
  return ourOwnOf(message)
}
