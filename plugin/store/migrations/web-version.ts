import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** The WhatsApp Web version that WhatsApp last accepted, and until when it told an account that it accepts a version. */
export const webVersions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createTable('web_versions')
      .addColumn('network', 'varchar(64)', column => column.primaryKey())
      .addColumn('version', 'varchar(24)', column => column.notNull())
      .addColumn('known_at', 'bigint', column => column.notNull())
      .execute()
    await schema.alterTable('accounts').addColumn('expiring_version', 'varchar(24)').execute()
    await schema.alterTable('accounts').addColumn('client_expires_at', 'bigint').execute()
  },
}
