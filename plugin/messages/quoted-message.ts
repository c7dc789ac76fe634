import { wordOf, type Claimed } from '../contract/claimed.ts'
import type { WireMessage } from '../contract/api/messages.ts'
import type { QuotedFact } from '../contract/host.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { QuotedMessage } from '../contract/message.ts'
import type { Connection } from '../store/sql/connection.ts'
import { type StoredMessage, textOfStored } from '../store/messages/messages.ts'
import { findQuoted, type StoredQuoted } from '../store/messages/quotes.ts'
import { filesOf, wireFilesOf } from './message-files.ts'
import { wordsOf } from './content-text.ts'

/** The quote of a message: what the quoting message claims, and the quoted message itself if it is stored. */
export type Quotation = { readonly claim: Claimed<QuotedMessage>; readonly kept: StoredQuoted | null }

/** The quotes of some messages of one org, in their order; null for a message without one. */
export async function quotationsOf(
  connection: Connection,
  messages: readonly StoredMessage[],
): Promise<(Quotation | null)[]> {
  const kept = await findQuoted(connection, messages)
  return messages.map(({ quoted }, at) => quoted && { claim: quoted, kept: kept[at] ?? null })
}

/** The quote of one message; null if it has none. */
export async function quotationOf(connection: Connection, message: StoredMessage): Promise<Quotation | null> {
  return (await quotationsOf(connection, [message]))[0] ?? null
}

function textOfKept({ content }: StoredQuoted): string | null {
  if (!content) return null
  return textOfStored({ content }) || (content.kind === 'media' ? null : wordsOf(content) || null)
}

type Essence = Pick<QuotedFact, 'messageId' | 'from' | 'kind' | 'text' | 'claimed'>

function essenceOf({ claim, kept }: Quotation): Essence {
  if (!kept) {
    const { sender, text } = wordOf(claim)
    return { messageId: null, from: sender && addressOfPerson(sender), kind: null, text, claimed: true }
  }
  const kind = kept.content?.kind ?? 'revoke'
  return { messageId: kept.id, from: addressOfPerson(kept.sender), kind, text: textOfKept(kept), claimed: false }
}

/** The quote as agents get it. */
export function quotedFact(quotation: Quotation | null): QuotedFact | null {
  if (!quotation) return null
  const { kept } = quotation
  return { ...essenceOf(quotation), ...filesOf(kept?.content ? kept.attachment : null) }
}

/** The same in its form for the API. */
export function wireQuoted(quotation: Quotation | null): WireMessage['quoted'] {
  if (!quotation) return null
  const { kept } = quotation
  const { messageId, ...essence } = essenceOf(quotation)
  return { message_id: messageId, ...essence, media: kept?.content ? wireFilesOf(kept.attachment, kept.content) : [] }
}
