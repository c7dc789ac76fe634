import { sql, type Selectable } from 'kysely'

import type { Binding, ConversationScope, MatchRule } from '../../contract/binding.ts'
import type { OrgId } from '../../contract/ids.ts'
import { noteChange } from './binding-changes.ts'
import type { Connection } from '../sql/connection.ts'
import { rowId } from '../sql/row-id.ts'
import type { BindingTable } from '../sql/schema.ts'
import { lastSeq } from '../sql/sequences.ts'

/** A number that increases with each change of the org's bindings. */
export function bindingsVersion(connection: Connection, org: OrgId): Promise<number> {
  return lastSeq(connection, org, 'binding_changes')
}

type Row = Selectable<BindingTable>

export const bindingOf = ({ rule, created_at, enabled, suspended_at, ...row }: Row): Binding => ({
  ...row,
  rule: JSON.parse(rule) as MatchRule,
  enabled: enabled === 1,
  suspendedAt: suspended_at,
  createdAt: created_at,
})

/** The org's bindings, in matching order. */
export async function listBindings(connection: Connection, org: OrgId): Promise<Binding[]> {
  const rows = await connection.selectFrom('bindings').selectAll().where('org', '=', org).orderBy('position').execute()
  return rows.map(bindingOf)
}

export async function findBinding(connection: Connection, org: OrgId, id: string): Promise<Binding | undefined> {
  const row = await connection
    .selectFrom('bindings')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && bindingOf(row)
}

/** The fields of a new binding that the caller provides. */
export type NewBinding = Pick<Binding, 'agent' | 'rule'> & {
  readonly enabled?: boolean
  readonly conversation?: ConversationScope | undefined
}

/**
 * Adds a binding as the last in matching order. Needs a transaction, because it reads the last position and then uses the next one.
 */
export async function addBinding(
  transaction: Connection,
  org: OrgId,
  { agent, rule, enabled = true, conversation = 'chat' }: NewBinding,
): Promise<Binding> {
  const last = await transaction
    .selectFrom('bindings')
    .select(({ fn }) => fn.max('position').as('position'))
    .where('org', '=', org)
    .executeTakeFirst()
  const row: Row = {
    id: rowId('bnd'),
    org,
    agent,
    rule: JSON.stringify(rule),
    position: (last?.position ?? 0) + 1,
    created_at: Date.now(),
    enabled: enabled ? 1 : 0,
    version: 1,
    conversation,
    suspended_at: null,
  }
  await transaction.insertInto('bindings').values(row).execute()
  await noteChange(transaction, org, [row.id])
  return bindingOf(row)
}

/** Stores the binding as its next version, not suspended. Needs a transaction. */
export async function replaceBinding(transaction: Connection, binding: Binding): Promise<Binding> {
  const { org, id, agent, rule, enabled, conversation, version } = binding
  const written = { agent, rule: JSON.stringify(rule), enabled: enabled ? 1 : 0, conversation }
  const next = { ...written, version: version + 1, suspended_at: null }
  await transaction.updateTable('bindings').set(next).where('org', '=', org).where('id', '=', id).execute()
  await noteChange(transaction, org, [id])
  return { ...binding, version: version + 1, suspendedAt: null }
}

/**
 * Suspends a binding; false if it is already suspended or has another version. Counts as a change of the org's bindings. Needs a
 * transaction.
 */
export async function suspendBinding(
  transaction: Connection,
  { org, id, version }: Pick<Binding, 'org' | 'id' | 'version'>,
  suspendedAt: number,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('bindings')
    .set({ suspended_at: suspendedAt })
    .where('org', '=', org)
    .where('id', '=', id)
    .where('version', '=', version)
    .where('suspended_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await noteChange(transaction, org, [id])
  return true
}

/** Reorders an org's bindings. `order` names all of them. Needs a transaction. */
export async function placeBindings(transaction: Connection, org: OrgId, order: readonly string[]): Promise<void> {
  // Two bindings may not share a position, even for a moment.
  await transaction
    .updateTable('bindings')
    .set(({ eb }) => ({ position: eb('position', '*', -1) }))
    .where('org', '=', org)
    .execute()
  // The `+` makes SQLite find bindings by id: by org, it would search all positions for each binding.
  await sql`
    update bindings set position = placed.key + 1 from json_each(${JSON.stringify(order)}) as placed
    where bindings.id = placed.value and +bindings.org = ${org}`.execute(transaction)
  await noteChange(transaction, org, order)
}

/** Deletes a binding; false if the org has none with this id. Needs a transaction. */
export async function removeBinding(transaction: Connection, org: OrgId, id: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('bindings')
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await noteChange(transaction, org, [id])
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
