import type { Kysely } from 'kysely'

import type { Schema } from './schema.ts'

/** What queries run on: the database itself, or one of its transactions. */
export type Connection = Kysely<Schema>
