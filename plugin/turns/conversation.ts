import type { ConversationScope } from '../contract/binding.ts'
import type { Utterance } from '../contract/host.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import type { PersonId } from '../store/sql/schema.ts'
import { type Conversation, listAnswers, listUtterances, type StoredUtterance } from '../store/messages/conversation.ts'
import { utteranceOf } from '../messages/content-text.ts'

const ALL_LETTERS_MOST = 100_000
/** Where nearly all is reactions and the like, further back than this is not looked. */
const SCANNED_MOST = 1_000
const LEAST_PAGE = 20

/** With whom the conversation of a message is; null for all who are in its chat. */
const participantOf = ({ chat, senderId }: StoredMessage, scope: ConversationScope): PersonId | null =>
  chat.kind === 'group' && scope === 'participant' ? senderId : null

/** The name of the conversation that a message belongs to. */
export function threadOf(message: StoredMessage, scope: ConversationScope): string {
  const participant = participantOf(message, scope)
  const chat = `${message.account}/${message.chatKey}`
  return participant === null ? chat : `${chat}/${participant}`
}

/**
 * What was said in the conversation of a message before it, oldest first: the messages of smaller numbers, back to where it
 * began anew, and the replies to them, whenever those were said. So every attempt at a turn is handed the same.
 */
export async function conversationBefore(
  connection: Connection,
  message: StoredMessage,
  { scope, most }: { scope: ConversationScope; most: number },
): Promise<Utterance[]> {
  if (most === 0) return []
  const { org, account, chatKey, seq: before } = message
  const conversation = { org, account, chatKey, participant: participantOf(message, scope) }
  const { found, from, anew } = await lookBack(connection, conversation, { before, most })
  const answers = await listAnswers(connection, conversation, { from, before })
  const all = new Map([...found, ...answers].map(each => [each.id, each]))
  const said = [...all.values()]
    // A reply to what was said before that may have come after it.
    .filter(({ answersSeq }) => !anew || answersSeq === null || answersSeq >= from)
    .toSorted((left, right) => left.seq - right.seq)
    .flatMap(each => utteranceOf(each) ?? [])
  return withinBounds(said.slice(-most))
}

/** The messages that say something, newest first, and the number back to which was looked. */
type Found = { readonly found: readonly StoredUtterance[]; readonly from: number; readonly anew: boolean }

async function lookBack(
  connection: Connection,
  conversation: Conversation,
  { before, most }: { before: number; most: number },
): Promise<Found> {
  const found: StoredUtterance[] = []
  const limit = Math.max(most, LEAST_PAGE)
  for (let from = before, scanned = 0; ;) {
    const page = await listUtterances(connection, conversation, { before: from, limit })
    for (const each of page) {
      if (each.outcome === 'reset') return { found, from: each.seq + 1, anew: true }
      from = each.seq
      if (utteranceOf(each)) found.push(each)
    }
    scanned += page.length
    if (page.length < limit || found.length >= most || scanned >= SCANNED_MOST) return { found, from, anew: false }
  }
}

/** The last of them, as long as all their texts together are not too long. */
function withinBounds(said: readonly Utterance[]): Utterance[] {
  let letters = 0
  const tooMuch = said.findLastIndex(({ text }) => (letters += text.length) > ALL_LETTERS_MOST)
  return said.slice(tooMuch + 1)
}
