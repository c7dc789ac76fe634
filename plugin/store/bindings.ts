import type { Binding, MatchRule } from '../contract/binding.ts'
import type { OrgId } from '../contract/ids.ts'
import type { Connection } from './database.ts'
import { rowId } from './row-id.ts'
import { lastSeq, nextSeq } from './sequences.ts'

/** Another number whenever the org's bindings have changed. */
export function bindingsVersion(connection: Connection, org: OrgId): Promise<number> {
  return lastSeq(connection, org, 'binding_changes')
}

/** An org's bindings in the order in which they are asked. */
export async function listBindings(connection: Connection, org: OrgId): Promise<Binding[]> {
  const rows = await connection.selectFrom('bindings').selectAll().where('org', '=', org).orderBy('position').execute()
  return rows.map(({ rule, created_at, ...row }) => ({
    ...row,
    rule: JSON.parse(rule) as MatchRule,
    createdAt: created_at,
  }))
}

/** Adds a binding that is asked after all others. Needs a transaction: the position is read and then taken. */
export async function addBinding(
  transaction: Connection,
  org: OrgId,
  asked: { agent: string; rule: MatchRule },
): Promise<Binding> {
  const last = await transaction
    .selectFrom('bindings')
    .select(({ fn }) => fn.max('position').as('position'))
    .where('org', '=', org)
    .executeTakeFirst()
  const position = (last?.position ?? 0) + 1
  const binding: Binding = {
    id: rowId('bnd'),
    org,
    agent: asked.agent,
    rule: asked.rule,
    position,
    createdAt: Date.now(),
  }
  const { createdAt, rule, ...row } = binding
  await transaction
    .insertInto('bindings')
    .values({ ...row, rule: JSON.stringify(rule), created_at: createdAt })
    .execute()
  await nextSeq(transaction, org, 'binding_changes')
  return binding
}

/** Whether there was one of that id in the org. Needs a transaction. */
export async function removeBinding(transaction: Connection, org: OrgId, id: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('bindings')
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await nextSeq(transaction, org, 'binding_changes')
  return true
}

export async function countBindings(connection: Connection, org: OrgId): Promise<number> {
  const row = await connection
    .selectFrom('bindings')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
