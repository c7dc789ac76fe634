import type { Binding } from '../../contract/binding.ts'
import type { OrgId } from '../../contract/ids.ts'
import { bindingOf } from './bindings.ts'
import type { Connection } from '../sql/connection.ts'

/** The org's bindings as they were after that many changes, in matching order; null if that is no longer known. */
export async function bindingsAt(connection: Connection, org: OrgId, change: number): Promise<Binding[] | null> {
  const kept = await connection
    .selectFrom('binding_changes')
    .select('kept_from')
    .where('org', '=', org)
    .executeTakeFirst()
  if (change < (kept?.kept_from ?? 0)) return null
  const rows = await connection
    .selectFrom('binding_revisions')
    .select([
      'id',
      'org',
      'agent',
      'rule',
      'position',
      'enabled',
      'version',
      'conversation',
      'created_at',
      'suspended_at',
    ])
    .where('org', '=', org)
    .where('from_change', '<=', change)
    .where(row => row.or([row('to_change', 'is', null), row('to_change', '>', change)]))
    .orderBy('position')
    .execute()
  return rows.map(bindingOf)
}
