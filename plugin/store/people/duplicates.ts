import type { Connection } from '../sql/connection.ts'
import type { Outcome, PersonId } from '../sql/schema.ts'
import { cancelTurn, wasBegun } from '../turns/turns.ts'

type Row = { readonly id: string; readonly outcome: Outcome; readonly identity: string }

/** A person's messages whose identity is stored more than once, in order of arrival. */
async function doubtful(transaction: Connection, person: PersonId): Promise<Row[]> {
  const rows = await transaction
    .selectFrom('messages')
    .select(['id', 'outcome', 'stanza_id', 'edits', 'chat_key'])
    .where('sender_id', '=', person)
    .where('outcome', '<>', 'ignored: duplicate')
    .where('stanza_id', 'in', twice(transaction, person))
    .orderBy('id')
    .execute()
  return rows.map(row => ({ ...row, identity: [row.stanza_id, row.edits, row.chat_key].join(' ') }))
}

const twice = (transaction: Connection, person: PersonId) =>
  transaction
    .selectFrom('messages')
    .select('stanza_id')
    .where('sender_id', '=', person)
    .groupBy(['stanza_id', 'edits', 'chat_key'])
    .having(({ fn }) => fn.countAll(), '>', 1)

/**
 * Drops the duplicate messages of a person who was stored as two. Keeps the message whose turn has started, else the first that
 * could be read; the others lose their turns. Needs a transaction.
 */
export async function dropDuplicates(transaction: Connection, person: PersonId): Promise<void> {
  const all = await doubtful(transaction, person)
  for (const same of new Set(all.map(({ identity }) => identity))) {
    const rows = all.filter(({ identity }) => identity === same)
    const begun: string[] = []
    for (const row of rows) if (await wasBegun(transaction, row.id)) begun.push(row.id)
    const readable = rows.find(({ outcome }) => !outcome.startsWith('undecryptable')) ?? rows[0]
    const kept = begun.length > 0 ? begun : [readable?.id]
    for (const { id } of rows) if (!kept.includes(id)) await cancelTurn(transaction, id, 'ignored: duplicate')
  }
}
