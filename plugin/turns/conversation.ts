import type { ConversationScope } from '../contract/binding.ts'
import type { ConversationMessage } from '../contract/host.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import type { PersonId } from '../store/sql/schema.ts'
import {
  type Conversation,
  listAnswers,
  listConversation,
  type StoredConversationMessage,
} from '../store/messages/conversation.ts'
import { conversationMessageOf } from '../messages/content-text.ts'

const ALL_LETTERS_MOST = 100_000
/** If nearly all messages are reactions and the like, the search does not go further back than this many messages. */
const SCANNED_MOST = 1_000
const LEAST_PAGE = 20

/** The person whose conversation a message belongs to; null if it belongs to everybody in its chat. */
const participantOf = ({ chat, senderId }: StoredMessage, scope: ConversationScope): PersonId | null =>
  chat.kind === 'group' && scope === 'participant' ? senderId : null

/** The name of the conversation that a message belongs to. */
export function threadOf(message: StoredMessage, scope: ConversationScope): string {
  const participant = participantOf(message, scope)
  const chat = `${message.account}/${message.chatKey}`
  return participant === null ? chat : `${chat}/${participant}`
}

/**
 * What was said before a message in its conversation, oldest first: the messages with smaller sequence numbers, back to the last
 * restart, and the replies to them, whenever those were sent. So every attempt at a turn gets the same conversation.
 */
export async function conversationBefore(
  connection: Connection,
  message: StoredMessage,
  { scope, most }: { scope: ConversationScope; most: number },
): Promise<ConversationMessage[]> {
  if (most === 0) return []
  const { org, account, chatKey, seq: before } = message
  const conversation = { org, account, chatKey, participant: participantOf(message, scope) }
  const { found, from, isRestarted } = await lookBack(connection, conversation, { before, most })
  const answers = await listAnswers(connection, conversation, { from, before })
  const all = new Map([...found, ...answers].map(each => [each.id, each]))
  const said = [...all.values()]
    // Replies to messages from before a restart may come after it; they are left out.
    .filter(({ answersSeq }) => !isRestarted || answersSeq === null || answersSeq >= from)
    .toSorted((left, right) => left.seq - right.seq)
    .flatMap(each => conversationMessageOf(each) ?? [])
  return withinBounds(said.slice(-most))
}

/** The messages with text, newest first, and the sequence number down to which was searched. */
type Found = {
  readonly found: readonly StoredConversationMessage[]
  readonly from: number
  readonly isRestarted: boolean
}

async function lookBack(
  connection: Connection,
  conversation: Conversation,
  { before, most }: { before: number; most: number },
): Promise<Found> {
  const found: StoredConversationMessage[] = []
  const limit = Math.max(most, LEAST_PAGE)
  for (let from = before, scanned = 0; ;) {
    const page = await listConversation(connection, conversation, { before: from, limit })
    for (const each of page) {
      if (each.outcome === 'reset') return { found, from: each.seq + 1, isRestarted: true }
      from = each.seq
      if (conversationMessageOf(each)) found.push(each)
    }
    scanned += page.length
    if (page.length < limit || found.length >= most || scanned >= SCANNED_MOST)
      return { found, from, isRestarted: false }
  }
}

/** The last messages whose texts together stay within the limit. */
function withinBounds(said: readonly ConversationMessage[]): ConversationMessage[] {
  let letters = 0
  const tooMuch = said.findLastIndex(({ text }) => (letters += text.length) > ALL_LETTERS_MOST)
  return said.slice(tooMuch + 1)
}
