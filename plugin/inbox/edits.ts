import type { MatchCase } from './participants.ts'
import type { MessageContent } from '../contract/content.ts'
import type { Connection } from '../store/sql/connection.ts'
import { leaveUnbegun, turnOf } from '../store/turns/edited-turns.ts'
import { type AlbumPart, captionsOf, findAlbum } from '../store/messages/message-batches.ts'
import { albumIn, replaceContent, setJudgement, type StoredMessage, textOfStored } from '../store/messages/messages.ts'
import type { MessageOutcome } from './outcomes.ts'

/** A message and the new content that its author gave it. */
export type Edit = { readonly message: StoredMessage; readonly content: MessageContent }

/**
 * A message that left its turn because of an edit, its new outcome, and how many parts of its album had to leave the turn with it.
 */
export type Rejudged = { readonly message: StoredMessage; readonly verdict: MessageOutcome; readonly others: number }

/**
 * Replaces the content of a message. As long as no agent was asked about the message, its bindings are asked again: if the result
 * differs, the message leaves its turn, and this returns it. A turn that has begun keeps its content, however often it is tried. A
 * message that no binding took before stays unmatched: an edit starts no turn. Must run in the transaction that stores the edit.
 */
export async function edit(
  transaction: Connection,
  { message, content: written }: Edit,
  judge: (asked: MatchCase) => Promise<MessageOutcome>,
): Promise<Rejudged | null> {
  const { id, bindingId, judged } = message
  const content = changedTo(message.content, written)
  const turn = await turnOf(transaction, id)
  if (turn === 'keeps') {
    // Nothing records what the message was judged by, so it stays unchanged.
    if (!judged) return null
    const kept = { content: message.content as MessageContent, text: textOfStored(message), ...judged }
    await setJudgement(transaction, id, { bindingId, judged: kept })
  } else if (turn === 'none' && judged && judged.text === undefined) {
    await setJudgement(transaction, id, { bindingId, judged: { ...judged, text: textOfStored(message) } })
  }
  await replaceContent(transaction, id, content)
  return turn === 'waits' ? judgeAgain(transaction, { message: { ...message, content }, content }, judge) : null
}

/** A media message stays one: only its caption changes. */
const changedTo = (before: StoredMessage['content'], written: MessageContent): MessageContent =>
  before.kind === 'media' && 'media' in before && (written.kind === 'text' || written.kind === 'media')
    ? { ...before, caption: textOfStored({ content: written }) }
    : written

async function judgeAgain(
  transaction: Connection,
  { message, content }: Edit,
  judge: (asked: MatchCase) => Promise<MessageOutcome>,
): Promise<Rejudged | null> {
  const { id, receiver, bindingId } = message
  // Only messages that we sent have no receiver.
  if (!receiver) return null
  const album = await albumOf(transaction, message)
  const { text, mentioned, forwarded } = album ?? { ...message, text: textOfStored(message) }
  const claimed = { forwarded: Boolean(forwarded) }
  const { outcome, ...found } = await judge({
    ...message,
    content,
    receiver,
    text,
    mentioned,
    claimed,
    asked: false,
    counted: true,
  })
  const binding = found.binding?.id ?? null
  const judgement = { bindingId: binding, judged: found.judged && (album ? { ...found.judged, text } : found.judged) }
  if (outcome === 'matched' && binding === bindingId) {
    await setJudgement(transaction, id, judgement)
    return null
  }
  const now = outcome === 'unmatched: no_binding' ? 'unmatched: edited_away' : outcome
  const others = album?.others ?? []
  // The other parts matched only together with this one. By themselves they match no binding, and another part may take them along
  // again.
  for (const other of others) await leaveUnbegun(transaction, other, 'unmatched: no_binding')
  await leaveUnbegun(transaction, id, now)
  await setJudgement(transaction, id, judgement)
  const left = { ...message, gatheredIn: null, bindingId: binding, outcome: now }
  return { message: left, verdict: { ...found, outcome: now }, others: others.length }
}

/**
 * The captions, mention and forward flags of all parts of an album, and the ids of the other parts in the same turn. null if the
 * message is not part of an album.
 */
async function albumOf(transaction: Connection, message: StoredMessage) {
  const albumId = albumIn(message.content)
  if (albumId === null) return null
  const { parts } = await findAlbum(transaction, message, albumId)
  const head = message.gatheredIn ?? message.id
  const isOther = ({ id, gatheredIn, outcome }: AlbumPart): boolean =>
    id !== message.id && (gatheredIn ?? id) === head && outcome === 'matched'
  return {
    text: captionsOf(parts).join('\n'),
    mentioned: parts.some(({ mentioned }) => mentioned),
    forwarded: parts.some(({ forwarded }) => forwarded),
    others: parts.filter(isOther).map(({ id }) => id),
  }
}
