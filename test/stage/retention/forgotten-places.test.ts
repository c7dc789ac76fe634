import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import { openForgetting } from '../../../plugin/gateway/tables/disappearing.ts'
import { openJournal } from '../../../plugin/gateway/tables/journal.ts'
import { openSessionStore } from '../../../plugin/gateway/state/session-store.ts'
import { Ingest } from '../../../plugin/inbox/ingest.ts'
import { DisappearingMessages } from '../../../plugin/retention/disappearing-messages.ts'
import { openStore, type Store } from '../../../plugin/store/database.ts'
import { approvalDesk, APPROVER, boundTo, lastQuestion } from '../../support/approval-desk.ts'
import { isOverwritten } from '../../support/disappearing-stages.ts'
import { noRules } from '../../support/rules.ts'
import { columnsOf, filesWith, placesWith } from '../../support/canary.ts'
import { ACCOUNT, ALICE, BOB, given, GROUP, linkedStore, ORG, OUR_NUMBER, textFrom } from '../../support/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ACCOUNT_PLACES, HOST_PLACES, wordsIn, type Places } from '../../support/word-places.ts'

const CANARY = 'canary-4f1c'
const SAID_AT = 1_700_000_000_000
const LIFETIME_S = 60
const DUE = SAID_AT + LIFETIME_S * 1_000

const decided = (places: Places): Record<string, string[]> =>
  Object.fromEntries(Object.entries(places).map(([table, columns]) => [table, Object.keys(columns).toSorted()]))

function existing(file: string): Record<string, string[]> {
  const database = new Sqlite(file, { readonly: true })
  try {
    return Object.fromEntries(Object.entries(columnsOf(database)).map(([table, names]) => [table, names.toSorted()]))
  } finally {
    database.close()
  }
}

function placesIn(file: string): string[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    return placesWith(CANARY, database).toSorted()
  } finally {
    database.close()
  }
}

const disappears = (more: Partial<InboundMessage> = {}): Partial<InboundMessage> => ({
  sentAt: SAID_AT,
  expiresInSeconds: LIFETIME_S,
  ...more,
})

const file = (fileName: string): InboundMessage['content'] => ({
  kind: 'media',
  media: { kind: 'document', mime: null, sizeBytes: null, fileName, seconds: null, viewOnce: false, album: null },
  caption: '',
})

/** Everything that can become of a message: asked about, approved, done, answered, quoted, edited; and a file. */
async function sceneOn(store: Store) {
  const desk = await approvalDesk(store, [], {
    judge: ({ approvalGranted }) =>
      Promise.resolve(
        approvalGranted ? { verdict: 'allow' } : { verdict: 'deny', rule: null, reason: `not "${CANARY}" unasked` },
      ),
    agent: async function* (turn) {
      if (!turn.message.text.startsWith('restart')) return
      await turn.step({ tool: 'restart', effect: 'write', arguments: { name: turn.message.text } }, () =>
        Promise.resolve({ restarted: turn.message.text }),
      )
      yield { text: 'restarted', reply_to: turn.message.id }
    },
  })
  await desk.outbox.connected(ACCOUNT, OUR_NUMBER)
  const asked = textFrom(ALICE, `restart ${CANARY}`, disappears())
  await desk.receive(asked)
  await desk.line('turn waits')
  const [approval] = await desk.approvals.list(ORG, { status: 'pending', limit: 10, before: null })
  await desk.approvals.decide(ORG, given(approval).id, { approved: true, note: `yes, ${CANARY}`, by: 'usr_x' })
  await desk.line('turn ended')
  const prompt = await lastQuestion(store, APPROVER.phone)
  const edit = textFrom(ALICE, `restart ${CANARY} twice`, { edits: asked.stanzaId, sentAt: SAID_AT + 1_000 })
  const quote = { stanzaId: asked.stanzaId, sender: ALICE, text: `restart ${CANARY}` }
  await desk.receive(
    textFrom(BOB, '', disappears({ chat: GROUP, content: file(`${CANARY}.pdf`), file: 'f'.repeat(32) })),
    textFrom(ALICE, 'and now?', { quoted: claimed(quote) }),
    textFrom(ALICE, 'really?', { quoted: claimed({ ...quote, sender: BOB }) }),
    textFrom(APPROVER, 'well', { quoted: claimed({ stanzaId: prompt.stanzaId, sender: null, text: prompt.text }) }),
    edit,
  )
  await desk.settled(5)
  const unsent = () => store.connection.selectFrom('sends').select('id').where('status', '=', 'accepted').execute()
  await expect.poll(unsent).toEqual([])
  return desk
}

describe('a column that somebody adds', () => {
  it('to the database of the host has been looked at for words', async () => {
    await using opened = await linkedStore()
    expect(existing(opened.file)).toEqual(decided(HOST_PLACES))
  })

  it('to the file of an account has been looked at for words', async () => {
    await using place = await accountFile()
    place.store.close()
    expect(existing(place.path)).toEqual(decided(ACCOUNT_PLACES))
  })
})

describe('the database of the host', () => {
  it('has words in these columns, and in none, nor anywhere in its files, once they have disappeared', async () => {
    await using opened = await boundTo(await linkedStore())
    await using desk = await sceneOn(opened.store)
    expect(placesIn(opened.file)).toEqual(wordsIn(HOST_PLACES).toSorted())

    const forgetting = new DisappearingMessages({
      store: opened.store,
      gateway: desk.gateway,
      artifacts: {},
      log: desk.log,
      keeps: () => false,
      now: () => DUE,
    })
    await forgetting.wake()
    await forgetting.close()
    expect(placesIn(opened.file)).toEqual([])
    expect(filesWith(CANARY, dirname(opened.file))).toEqual([])
    // Nothing else is forgotten.
    const left = await opened.store.connection.selectFrom('messages').select('content').execute()
    const said = left.map(({ content }) => JSON.parse(content) as { kind: string; text?: string })
    expect(said.map(({ kind, text }) => text ?? kind)).toEqual(
      expect.arrayContaining(['and now?', 'well', 'restarted', 'forgotten']),
    )
  })

  it('overwrites what it deletes also from the first one on that is read late', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const receive = (message: InboundMessage): Promise<void> =>
      store.transaction(transaction => new Ingest(transaction, ACCOUNT, noRules).message(message))
    const late = textFrom(ALICE, 'words', { content: { kind: 'undecryptable' } })
    await receive(late)
    expect(await isOverwritten(store)).toBe(false)
    await receive({ ...late, content: { kind: 'text', text: 'words' }, expiresInSeconds: 60 })
    expect(await isOverwritten(store)).toBe(true)
  })

  it('overwrites what it deletes from the first message on that disappears, also when it is opened again', async () => {
    await using opened = await linkedStore()
    const { store, file } = opened
    const receive = (expiresInSeconds: number | null): Promise<void> => {
      const message = { ...textFrom(ALICE, 'words'), expiresInSeconds }
      return store.transaction(transaction => new Ingest(transaction, ACCOUNT, noRules).message(message))
    }
    await receive(null)
    expect(await isOverwritten(store)).toBe(false)
    await receive(60)
    expect(await isOverwritten(store)).toBe(true)

    await store.close()
    const again = await openStore(file)
    expect(await isOverwritten(again)).toBe(true)
    await again.close()
  })
})

async function accountFile() {
  const folder = await temporaryFolder()
  const authFolder = join(folder.path, 'auth')
  const key = { org: given(parseOrgId('org_local')), account: given(parseAccountName('default')) }
  const store = openSessionStore({ authFolder, key, noiseRoot: 'aa'.repeat(32) })
  if ('reason' in store) throw new Error(store.detail)
  return {
    store,
    path: join(authFolder, 'org_local', 'default.sqlite'),
    folder: authFolder,
    [Symbol.asyncDispose]: async () => {
      if (store.database.open) store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe('the file of an account', () => {
  const message = (text: string) => JSON.stringify({ kind: 'message', message: textFrom(ALICE, text) })
  const fill = (database: Sqlite.Database, words: string, forgetAt: number | null): void => {
    const [at, bytes, seq] = [1, Buffer.from(words), forgetAt ?? 7]
    const insert = (table: string, row: Record<string, unknown>): void => {
      const names = Object.keys(row)
      database
        .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
        .run(...Object.values(row))
    }
    const id = `ID${seq}`
    insert('journal', { seq, entry: message(words), forget_at: forgetAt })
    insert('plaintexts', { hash: Buffer.from(id), plaintext: bytes, through: seq, at })
    insert('plaintexts', {
      hash: Buffer.from(`${id} handed over`),
      plaintext: Buffer.from(`${CANARY} before`),
      through: 0,
      at,
    })
    insert('sent', {
      stanza_id: id,
      bytes,
      at,
      chat: JSON.stringify({ kind: 'direct', peer: ALICE }),
      forget_at: forgetAt,
    })
    insert('polls', { stanza_id: id, creator: 'x', chat: 'x', secret: bytes, options: words, at, forget_at: forgetAt })
    insert('files', { file: id, message: bytes, key: '{}', at, forget_at: forgetAt })
    insert('secrets', { stanza_id: id, author: 'x', chat: 'x', secret: bytes, at, forget_at: forgetAt })
    insert('unopened', { target: id, chat: 'x', envelope: bytes, message: bytes, at, forget_at: forgetAt })
  }

  it('has words in these columns, and in none, nor anywhere in its files, once they have disappeared', async () => {
    await using place = await accountFile()
    const { database } = place.store
    fill(database, CANARY, 100)
    fill(database, 'it stays', null)
    fill(database, 'it stays longer', 101)
    expect(placesWith(CANARY, database).toSorted()).toEqual(wordsIn(ACCOUNT_PLACES).toSorted())

    const forgetting = openForgetting(database)
    expect(forgetting.forget({ at: 99, words: false })).toBe(100)
    expect(placesWith(CANARY, database)).toContain('sent.bytes')
    expect(forgetting.forget({ at: 100, words: false })).toBe(101)
    expect(forgetting.purge()).toBeNull()
    expect(placesWith(CANARY, database)).toEqual([])
    expect(filesWith(CANARY, place.folder)).toEqual([])
    for (const others of ['it stays', 'it stays longer']) {
      expect(placesWith(others, database).toSorted()).toEqual(wordsIn(ACCOUNT_PLACES).toSorted())
    }
    const [entry] = database.prepare<[], string>('SELECT entry FROM journal WHERE seq = 100').pluck().all()
    expect(JSON.parse(given(entry))).toMatchObject({ message: { content: { kind: 'forgotten' }, file: null } })
    expect(database.prepare('SELECT stanza_id FROM sent').pluck().all()).toHaveLength(3)
  })

  it('overwrites what it deletes from the first message on that disappears, also when it is opened again', async () => {
    await using place = await accountFile()
    const { database } = place.store
    const isOverwritten = () => database.pragma('secure_delete', { simple: true }) === 1
    const journal = openJournal(database, () => 1_000)
    openForgetting(database)
    journal.addMessage(textFrom(ALICE, 'it stays'))
    expect(isOverwritten()).toBe(false)
    journal.addMessage({ ...textFrom(ALICE, 'it goes', { stanzaId: 'GOES' }), expiresInSeconds: 60 })
    expect(isOverwritten()).toBe(true)

    database.pragma('secure_delete = OFF')
    openForgetting(database)
    expect(isOverwritten()).toBe(true)
    database.pragma('secure_delete = OFF')
    const chat = { kind: 'direct', peer: ALICE } as const
    journal.keepSent({ stanzaId: 'OURS', bytes: Buffer.from('words'), chat, mode: null, forgetAt: 99 })
    expect(isOverwritten()).toBe(true)
  })

  it('has none left either where rows were moved from page to page before they were forgotten', async () => {
    await using place = await accountFile()
    const { database } = place.store
    const hashOf = (text: string): string => createHash('sha1').update(text).digest('hex')
    let drawn = 0
    const below = (most: number): number => Number.parseInt(hashOf(`1 ${(drawn += 1)}`).slice(0, 8), 16) % most
    const wordsOf = (row: number): string => `canary-${hashOf(`words ${row}`)}`
    const put = database.prepare('INSERT OR REPLACE INTO sent (stanza_id, bytes, at, forget_at) VALUES (?, ?, 1, 5)')
    const write = (row: number, most: number) =>
      put.run(hashOf(`${row}`), Buffer.from('x'.repeat(below(most)) + wordsOf(row)))
    const rows = Array.from({ length: 1_500 }, (_, row) => row)
    database.transaction(() => {
      for (const row of rows) {
        write(row, 400)
        if (row > 20 && below(2) === 0) write(below(row), 1_000)
      }
    })()
    const forgetting = openForgetting(database)
    forgetting.forget({ at: 5, words: false })
    expect(forgetting.purge()).toBeNull()
    const file = readFileSync(place.path)
    expect(rows.filter(row => file.includes(wordsOf(row)))).toEqual([])
  })
})
