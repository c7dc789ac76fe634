import { sql, type RawBuilder, type SqlBool } from 'kysely'

import type { AccountName } from '../../contract/ids.ts'

/** Of one account, in the words of the index that leads to those; the second half holds for every row. */
export const inAccount = (table: 'messages' | 'turns' | 'sends', account: AccountName): RawBuilder<SqlBool> =>
  sql<SqlBool>`${sql.ref(`${table}.account`)} = ${account} and ${sql.ref(`${table}.account`)} <> ''`
