import { claimed, wordOf } from '../contract/claimed.ts'
import type { MessageContent } from '../contract/content.ts'
import type { ChannelMessage, MessagePiece, Turn } from '../contract/host.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { MessageFacts } from '../contract/policy.ts'
import { filesOf } from '../messages/message-files.ts'
import { type Quotation, quotedFact } from '../messages/quoted-message.ts'
import type { Connection } from '../store/sql/connection.ts'
import { findAlbum, piecesOf } from '../store/messages/message-batches.ts'
import { albumIn, findMessage, type StoredMessage, textOfStored } from '../store/messages/messages.ts'
import type { StoredTurn } from '../store/turns/turns.ts'

/** All messages of a turn, the first one first. */
export async function messagesOfTurn(
  connection: Connection,
  { org, messageId, pieces }: StoredTurn,
): Promise<StoredMessage[]> {
  if (pieces > 1) return (await piecesOf(connection, messageId)).map(asJudged)
  const message = await findMessage(connection, org, messageId)
  return message ? [asJudged(message)] : []
}

/** The message as its bindings took it. Edits that its sender made after the turn began do not reach the agent. */
const asJudged = (message: StoredMessage): StoredMessage =>
  message.judged?.content === undefined ? message : { ...message, content: message.judged.content }

const pieceOf = (message: StoredMessage): MessagePiece => ({
  id: message.id,
  text: textOfStored(message),
  ...filesOf(message.attachment),
  // Turns only have inbound messages.
  content: message.content as MessageContent,
  edited: message.judged?.content !== undefined,
})

/** Combines several messages into one. */
export function combined(
  messages: readonly StoredMessage[],
): Pick<ChannelMessage, 'text' | 'media' | 'files' | 'content' | 'pieces'> {
  const pieces = messages.map(pieceOf)
  const texts = pieces.map(({ text }) => text).filter(text => text !== '')
  return {
    text: texts.join('\n'),
    media: pieces.flatMap(({ media }) => media),
    files: pieces.flatMap(({ files }) => files),
    content: pieces[0]?.content ?? { kind: 'text', text: '' },
    pieces,
  }
}

/** The facts about a turn's messages that an agent gets. */
export function factsOf(pieces: readonly StoredMessage[], quotation: Quotation | null): Turn['facts'] {
  const [first] = pieces
  const group = first?.chat.kind === 'group' ? first.chat.group : null
  return {
    isGroup: group !== null,
    group,
    mentioned: pieces.some(({ mentioned }) => mentioned),
    mentionsAll: pieces.some(({ mentionsAll }) => mentionsAll),
    claimed: claimsOf(pieces),
    senderName: first?.senderName ?? null,
    quoted: quotedFact(quotation),
  }
}

/**
 * The facts about the messages that policies get. Only the values in `claimed` are the sender's claims. Claims about what others
 * wrote are left out.
 */
export function attestedOf(pieces: readonly StoredMessage[], quotation: Quotation | null): MessageFacts {
  const { isGroup, mentioned, claimed: said } = factsOf(pieces, quotation)
  const [first] = pieces
  if (!first) throw new Error('a turn is about a message')
  const { account, bindingId, sender } = first
  const quotedSender = quotation?.kept ? addressOfPerson(quotation.kept.sender) : null
  const claims = {
    forwarded: claimed(said.forwarded),
    forwardingScore: claimed(said.forwardingScore),
    mentioned: claimed(mentioned),
  }
  return { sender: addressOfPerson(sender), isGroup, quotedSender, claimed: claims, binding: bindingId, account }
}

const claimsOf = (pieces: readonly StoredMessage[]) => ({
  forwarded: pieces.some(({ forwarded }) => forwarded !== null),
  forwardingScore: Math.max(...pieces.map(({ forwarded }) => (forwarded ? wordOf(forwarded).score : 0))),
})

/** How many files of the messages' albums had not arrived when the turn began. */
export async function missingOf(connection: Connection, pieces: readonly StoredMessage[]): Promise<number> {
  let missing = 0
  for (const [album, piece] of new Map(pieces.map(each => [albumIn(each.content), each]))) {
    if (album === null) continue
    const { announced, parts } = await findAlbum(connection, piece, album)
    const came = parts.filter(({ outcome }) => outcome !== 'unmatched: album_late')
    missing += Math.max(0, (announced ?? 0) - came.length)
  }
  return missing
}
