import type { MatchCase } from './participants.ts'
import type { MessageContent } from '../contract/content.ts'
import type { Connection } from '../store/sql/connection.ts'
import { leaveUnbegun, turnOf } from '../store/turns/edited-turns.ts'
import { type AlbumPart, captionsOf, findAlbum } from '../store/messages/message-batches.ts'
import { albumIn, replaceContent, setJudgement, type StoredMessage, textOfStored } from '../store/messages/messages.ts'
import type { MessageOutcome } from './outcomes.ts'

/** What somebody makes of a message of theirs. */
export type Edit = { readonly message: StoredMessage; readonly content: MessageContent }

/** A message that left its turn because of an edit, what becomes of it now, and how many parts of its album had to leave with it. */
export type Rejudged = { readonly message: StoredMessage; readonly verdict: MessageOutcome; readonly others: number }

/**
 * Changes what a message says. As long as no agent was asked about it, its bindings are asked again: what they take otherwise leaves
 * its turn, and is the answer. A turn that was begun keeps what it is about, however often it is tried. What no binding took before
 * stays so: an edit asks nobody. Needs the transaction that takes the edit.
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
    // Nothing says what it was judged by: it stays what it is.
    if (!judged) return null
    const kept = { content: message.content as MessageContent, text: textOfStored(message), ...judged }
    await setJudgement(transaction, id, { bindingId, judged: kept })
  } else if (turn === 'none' && judged && judged.text === undefined) {
    await setJudgement(transaction, id, { bindingId, judged: { ...judged, text: textOfStored(message) } })
  }
  await replaceContent(transaction, id, content)
  return turn === 'waits' ? judgeAgain(transaction, { message: { ...message, content }, content }, judge) : null
}

/** A picture stays one: its caption is what changes. */
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
  // Only what we sent has no receiver.
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
  // They were taken with it: by themselves they are taken by none, and another part may take them along again.
  for (const other of others) await leaveUnbegun(transaction, other, 'unmatched: no_binding')
  await leaveUnbegun(transaction, id, now)
  await setJudgement(transaction, id, judgement)
  const left = { ...message, gatheredIn: null, bindingId: binding, outcome: now }
  return { message: left, verdict: { ...found, outcome: now }, others: others.length }
}

/** All that is said of the pictures of an album, and those beside one that are of its turn; null for what is part of none. */
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
