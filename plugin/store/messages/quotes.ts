import { wordOf, type Claimed } from '../../contract/claimed.ts'
import type { MessageContent } from '../../contract/content.ts'
import type { OutboundContent } from '../../contract/delivery.ts'
import { accountId, type AccountKey, type Person } from '../../contract/ids.ts'
import type { QuotedMessage } from '../../contract/message.ts'
import type { Connection } from '../sql/connection.ts'
import { selectMessages, type StoredMessage, storedMessage } from './messages.ts'
import type { ChatKey, Outcome } from '../sql/schema.ts'

/** A quoted message with its current content; null content if it was taken back. */
export type StoredQuoted = Omit<StoredMessage, 'content'> & {
  readonly content: MessageContent | OutboundContent | null
}

/** A message of a chat that may quote another. */
export type Quoting = AccountKey & { readonly chatKey: ChatKey; readonly quoted: Claimed<QuotedMessage> | null }

/** Outcomes that cannot be quoted: messages that must not be handed out, that were never read, and that are stored twice. */
const UNQUOTABLE = [
  'unmatched: link_unconfirmed',
  'undecryptable',
  'undecryptable: expired',
  'ignored: duplicate',
] as const

/** A change that was never transmitted, and will not be, has no effect. */
const UNSAID: ReadonlySet<Outcome> = new Set(['cancelled', 'expired'])

async function candidates(connection: Connection, { org, account }: AccountKey, stanzaIds: readonly string[]) {
  const rows = await selectMessages(connection)
    .leftJoin('messages as change', 'change.id', 'messages.changed_by')
    .select(['change.content as change_content', 'change.outcome as change_outcome'])
    .where('messages.org', '=', org)
    .where('messages.account', '=', account)
    .where('messages.stanza_id', 'in', stanzaIds)
    .where('messages.edits', '=', '')
    .where('messages.outcome', 'not in', UNQUOTABLE)
    .execute()
  return rows.map(({ change_content: change, change_outcome: outcome, ...row }): StoredQuoted => {
    const message = storedMessage(row)
    return { ...message, content: newestOf(message, change, outcome) }
  })
}

function newestOf(message: StoredMessage, change: string | null, outcome: Outcome | null): StoredQuoted['content'] {
  if (change === null || outcome === null || UNSAID.has(outcome) || outcome.startsWith('rejected')) {
    return message.content
  }
  const changed = JSON.parse(change) as MessageContent | OutboundContent
  if (changed.kind !== 'edit') return null
  const { content } = message
  return content.kind === 'media' ? { ...content, caption: changed.text } : { kind: 'text', text: changed.text }
}

/** Whether two descriptions may be of one person: no kind of address is known in both and differs. */
const mayBeOne = (one: Person, other: Person): boolean =>
  (one.lid === null || other.lid === null || one.lid === other.lid) &&
  (one.phone === null || other.phone === null || one.phone === other.phone)

const sharesAddress = ({ lid, phone }: Person, other: Person): boolean =>
  (lid !== null && lid === other.lid) || (phone !== null && phone === other.phone)

/** A stanza id alone does not identify a message: two people's messages may have the same one. */
function quotedBy({ account, chatKey, quoted }: Quoting, all: readonly StoredQuoted[]): StoredQuoted | null {
  if (!quoted) return null
  const { stanzaId, sender } = wordOf(quoted)
  const there = all.filter(each => each.account === account && each.chatKey === chatKey && each.stanzaId === stanzaId)
  const named = sender && there.find(each => sharesAddress(each.sender, sender))
  const [only, ...others] = there
  if (named || !only || others.length > 0) return named || null
  return sender === null || mayBeOne(only.sender, sender) ? only : null
}

/** For each of these messages of one org, the message it quotes, in the same order; null if that is not stored. */
export async function findQuoted(
  connection: Connection,
  quoting: readonly Quoting[],
): Promise<(StoredQuoted | null)[]> {
  const found: StoredQuoted[] = []
  const keys = new Map(quoting.map(({ org, account }) => [accountId({ org, account }), { org, account }]))
  for (const key of keys.values()) {
    const ids = quoting.flatMap(each =>
      each.account === key.account && each.quoted ? [wordOf(each.quoted).stanzaId] : [],
    )
    if (ids.length > 0) found.push(...(await candidates(connection, key, [...new Set(ids)])))
  }
  return quoting.map(each => quotedBy(each, found))
}
