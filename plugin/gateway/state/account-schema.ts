import { CHAT_TIMER_SCHEMA } from '../tables/chat-timers.ts'
import { FILE_SCHEMA } from '../tables/file-refs.ts'
import { FORGET_SCHEMA } from '../tables/disappearing.ts'
import { JOURNAL_SCHEMA, type AccountDatabase } from '../tables/journal.ts'
import { KEY_HOLDER_SCHEMA } from '../recipients/key-holders.ts'
import { PEER_ADDRESS_SCHEMA } from '../recipients/peer-addresses.ts'
import { POLL_SCHEMA } from '../tables/polls.ts'
import { RECOVERY_SCHEMA } from '../tables/recoveries.ts'
import { SECRET_SCHEMA } from '../tables/secrets.ts'
import { SENT_CHAT, SENT_COURSE } from '../tables/sent-messages.ts'
import { STANZA_SCHEMA } from '../tables/stanza-log.ts'
import { UNOPENED_SCHEMA } from '../tables/unopened.ts'

/**
 * What each version added to the one before: stanzas, the chat of sent messages, polls and files, addresses, key holders, secrets,
 * timers, the time when messages disappear.
 */
const STEPS = [
  STANZA_SCHEMA,
  SENT_CHAT,
  POLL_SCHEMA + FILE_SCHEMA,
  SENT_COURSE + PEER_ADDRESS_SCHEMA,
  KEY_HOLDER_SCHEMA + RECOVERY_SCHEMA,
  SECRET_SCHEMA + UNOPENED_SCHEMA,
  CHAT_TIMER_SCHEMA,
  FORGET_SCHEMA,
]

/** The version of the files that this plugin writes. */
export const SCHEMA_VERSION = STEPS.length + 1

/** The schema of a new file: the result of all the steps. */
export const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE keys (type TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
  ${JOURNAL_SCHEMA}
  ${STANZA_SCHEMA}
  ${POLL_SCHEMA}
  ${FILE_SCHEMA}
  ${PEER_ADDRESS_SCHEMA}
  ${KEY_HOLDER_SCHEMA}
  ${RECOVERY_SCHEMA}
  ${SECRET_SCHEMA}
  ${UNOPENED_SCHEMA}
  ${CHAT_TIMER_SCHEMA}
  ${FORGET_SCHEMA}
  PRAGMA user_version = ${SCHEMA_VERSION};`

/** Migrates a file of an earlier version to this one, in one transaction. */
export function migrate(database: AccountDatabase): void {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version === SCHEMA_VERSION) return
  const steps = STEPS.slice(version - 1).join(' ')
  database.transaction(() => database.exec(`${steps} PRAGMA user_version = ${SCHEMA_VERSION};`))()
}
