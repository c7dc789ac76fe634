import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Bindings are changed by several people, and may rest for a while. */
export const bindingVersions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    const integer = { enabled: 1, version: 1 } as const
    for (const name of ['enabled', 'version'] as const) {
      await schema
        .alterTable('bindings')
        .addColumn(name, 'integer', column => column.notNull().defaultTo(integer[name]))
        .execute()
    }
  },
}
