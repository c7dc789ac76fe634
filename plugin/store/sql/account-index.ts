import { sql, type RawBuilder, type SqlBool } from 'kysely'

import type { AccountName } from '../../contract/ids.ts'

/** A condition for rows of one account. The second half is true for all rows; it selects the index with the same condition. */
export const inAccount = (table: 'messages' | 'turns' | 'sends', account: AccountName): RawBuilder<SqlBool> =>
  sql<SqlBool>`${sql.ref(`${table}.account`)} = ${account} and ${sql.ref(`${table}.account`)} <> ''`
