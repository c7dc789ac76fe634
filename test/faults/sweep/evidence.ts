import Sqlite from 'better-sqlite3'

import { databaseIn } from '../../support/files-below.ts'
import type { Heard, LedgerPage, MessageRecord } from '../../support/network.ts'
import type { Said } from './story.ts'

/** A message as our store keeps it. */
export type Row = {
  readonly id: string
  readonly stanzaId: string
  readonly direction: string
  readonly outcome: string
  readonly content: string
}

/** A turn as our store keeps it; `place` is its place in the order in which turns were begun. */
export type TurnRow = {
  readonly id: string
  readonly messageId: string
  readonly status: string
  /** Why it ended as it did; null when there is nothing to say. */
  readonly code: string | null
  readonly place: number
}

/** A send that the client asked for. */
export type AskedSend = {
  readonly key: string
  /** The name of the phone it goes to. */
  readonly to: string
  readonly text: string
  /** The ids that the API answered with, over all repetitions of the call. */
  readonly answers: readonly string[]
}

export type SendRow = { readonly id: string; readonly status: string; readonly stanzaId: string }

/** What a phone decrypted. */
export type HeardBy = Pick<Heard, 'id' | 'text' | 'kind' | 'own'> & { readonly by: string; readonly from: string }

/** All that the four ledgers say about one run, after it came to rest. */
export type Evidence = {
  readonly said: readonly Said[]
  /** The network's record of every id: of what was said, and of what we sent. */
  readonly records: ReadonlyMap<string, MessageRecord>
  /** What the network still holds for the account. */
  readonly queued: number
  readonly rows: readonly Row[]
  readonly turns: readonly TurnRow[]
  readonly asked: readonly AskedSend[]
  readonly sends: readonly SendRow[]
  readonly heard: readonly HeardBy[]
  readonly undecryptable: LedgerPage['undecryptable']
  /** The effects that the bookkeeper had on the world, as often as it had them: the ids of its turns. */
  readonly effects: readonly string[]
  /** The listeners of each chat. */
  readonly listeners: ReadonlyMap<string, readonly string[]>
}

/** What our store says about all that it took in after one place: that of a row never changes, unlike its `seq`. */
export type StoreDump = {
  readonly rows: Row[]
  readonly turns: TurnRow[]
  readonly sends: SendRow[]
  /** The last place. */
  readonly last: number
}

/** Reads the plugin's database beside whoever is using it. */
export function dumpStore(home: string, after: number): StoreDump {
  const path = databaseIn(home)
  if (path === null) return { rows: [], turns: [], sends: [], last: 0 }
  const database = new Sqlite(path, { readonly: true, fileMustExist: true })
  try {
    const rows = database
      .prepare<[number], Row>(
        'SELECT id, stanza_id AS stanzaId, direction, outcome, content FROM messages WHERE rowid > ? ORDER BY rowid',
      )
      .all(after)
    const among = (table: string, columns: string): string =>
      `SELECT ${columns} FROM ${table} WHERE message_id IN (SELECT id FROM messages WHERE rowid > ?) ORDER BY rowid`
    return {
      rows,
      turns: database
        .prepare<[number], TurnRow>(among('turns', 'id, message_id AS messageId, status, code, rowid AS place'))
        .all(after),
      sends: database.prepare<[number], SendRow>(among('sends', 'id, status, stanza_id AS stanzaId')).all(after),
      last: database.prepare<[], number>('SELECT coalesce(max(rowid), 0) FROM messages').pluck().get() ?? 0,
    }
  } finally {
    database.close()
  }
}
