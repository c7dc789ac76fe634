import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import {
  DEFAULT_ACCOUNT,
  lidFromDigits,
  parseOrgId,
  phoneFromDigits,
  type GroupId,
  type Person,
} from '../../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../../plugin/contract/message.ts'
import { SCHEMA_VERSION } from '../../../../plugin/gateway/state/account-schema.ts'
import { openJournal } from '../../../../plugin/gateway/tables/journal.ts'
import { openRetryCounts } from '../../../../plugin/gateway/tables/retry-counts.ts'
import { openSessionStore } from '../../../../plugin/gateway/state/session-store.ts'
import { openStanzaLog } from '../../../../plugin/gateway/tables/stanza-log.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const DAY_MS = 86_400_000

async function journalAt(clock = { now: 1_700_000_000_000 }) {
  const folder = await temporaryFolder()
  const org = parseOrgId('org_local')
  if (!org) throw new Error('not an org')
  const place = { authFolder: join(folder.path, 'auth'), key: { org, account: DEFAULT_ACCOUNT }, noiseRoot: '00' }
  const open = () => {
    const store = openSessionStore(place)
    if ('reason' in store) throw new Error(store.detail)
    return { store, journal: openJournal(store.database, () => clock.now) }
  }
  return { open, clock, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const person = (lid: string | null, phone: string | null): Person => ({
  lid: lid === null ? null : lidFromDigits(lid),
  phone: phone === null ? null : phoneFromDigits(phone),
})
const ALICE = person('77701', '972500000001')
const BOB = person('77702', null)
const GROUP = '120363000000000001@g.us' as GroupId
const CHAT = { kind: 'direct', peer: ALICE } as const
const SELF = person('55501', '4915112345678')

const message = (stanzaId: string, more: Partial<InboundMessage> = {}): InboundMessage => ({
  stanzaId,
  chat: { kind: 'direct', peer: ALICE },
  sender: ALICE,
  receiver: SELF,
  fromMe: false,
  senderName: null,
  content: { kind: 'text', text: 'hello' },
  mentioned: false,
  file: null,
  quoted: null,
  edits: null,
  sentAt: 1,
  receivedAt: 2,
  ...more,
})

describe('the journal', () => {
  it('numbers entries from 1 without gaps, also past what it has refused or forgotten', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    expect(journal.head()).toBe(0)
    journal.addMessage(message('A'))
    journal.addMessage(message('A'))
    journal.addIdentity(ALICE)
    expect(journal.pull(0, 10).map(entry => entry.seq)).toEqual([1, 2])
    journal.confirm(2)
    expect(journal.pull(0, 10)).toEqual([])
    store.close()

    const again = at.open()
    expect(again.journal.head()).toBe(2)
    again.journal.addMessage(message('B'))
    expect(again.journal.pull(0, 10)).toEqual([{ seq: 3, kind: 'message', message: message('B') }])
    again.store.close()
  })

  it('takes a message once, and the same id from another sender, chat or edit as another message', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    expect(journal.addMessage(message('A'))).toBe(true)
    expect(journal.addMessage(message('A'))).toBe(false)
    expect(journal.addMessage(message('A', { sender: BOB }))).toBe(true)
    expect(journal.addMessage(message('A', { chat: { kind: 'direct', peer: BOB } }))).toBe(true)
    expect(journal.addMessage(message('A', { edits: 'Z' }))).toBe(true)
    journal.confirm(journal.head())
    expect(journal.addMessage(message('A'))).toBe(false)
    store.close()
  })

  it('takes a message once also when the other address of its people was learned in between', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    const byPhone = person(null, '972500000001')
    const [direct, group] = [
      { kind: 'direct', peer: byPhone },
      { kind: 'group', group: GROUP },
    ] as const
    expect(journal.addMessage(message('A', { chat: direct, sender: byPhone }))).toBe(true)
    expect(journal.addMessage(message('A'))).toBe(false)
    expect(journal.addMessage(message('B', { chat: group, sender: byPhone }))).toBe(true)
    expect(journal.addMessage(message('B', { chat: group }))).toBe(false)
    expect(journal.addMessage(message('B', { chat: group, sender: BOB }))).toBe(true)
    store.close()
  })

  it('shows what could not be decrypted once, until it can be read, and within a limit for each sender', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    const lost = (stanzaId: string, sender = ALICE) =>
      journal.addUndecryptable(message(stanzaId, { sender, content: { kind: 'undecryptable' } }))
    expect([lost('A'), lost('A')]).toEqual([true, false])
    expect(journal.addMessage(message('A'))).toBe(true)
    expect(lost('A')).toBe(false)
    const shown = Array.from({ length: 1_000 }, (_each, index) => lost(`L${index}`)).filter(Boolean)
    expect(shown.length).toBeLessThanOrEqual(500)
    expect(lost('A', BOB)).toBe(true)
    at.clock.now += 3_600_000
    expect(lost('M')).toBe(true)
    store.close()
  })

  it('hands over what comes after a number, oldest first, no more than asked for', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    for (const id of ['A', 'B', 'C', 'D']) journal.addMessage(message(id))
    expect(journal.pull(1, 2).map(entry => entry.seq)).toEqual([2, 3])
    expect(journal.pull(4, 2)).toEqual([])
    store.close()
  })

  it('learns both addresses of a person once, and again when the number moves', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    expect(journal.complete(person('77701', null))).toEqual(person('77701', null))
    expect(journal.addIdentity(ALICE)).toBe(true)
    expect(journal.addIdentity(ALICE)).toBe(false)
    expect(journal.addIdentity(BOB)).toBe(false)
    expect(journal.complete(person('77701', null))).toEqual(ALICE)
    expect(journal.complete(person(null, '972500000001'))).toEqual(ALICE)
    const moved = person('77701', '972500000009')
    expect(journal.addIdentity(moved)).toBe(true)
    expect(journal.complete(person('77701', null))).toEqual(moved)
    expect(journal.pull(0, 10).map(entry => entry.kind)).toEqual(['identity', 'identity'])
    store.close()
  })

  it('takes one receipt of each kind, for messages of ours alone', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    expect(journal.addReceipt({ stanzaId: 'S', receipt: 'delivered', at: 5 })).toBe(false)
    journal.keepSent({ stanzaId: 'S', bytes: Buffer.from('bytes'), chat: CHAT, mode: 'lid' })
    expect(journal.addReceipt({ stanzaId: 'S', receipt: 'delivered', at: 5 })).toBe(true)
    expect(journal.addReceipt({ stanzaId: 'S', receipt: 'delivered', at: 6 })).toBe(false)
    expect(journal.addReceipt({ stanzaId: 'S', receipt: 'read', at: 7 })).toBe(true)
    expect(journal.pull(1, 10)).toEqual([{ seq: 2, kind: 'receipt', stanzaId: 'S', receipt: 'read', at: 7 }])
    store.close()
  })

  it('F38: answers for what was sent for 14 days, also after a restart, and then with nothing', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    journal.keepSent({ stanzaId: 'S', bytes: Buffer.from('bytes'), chat: CHAT, mode: 'lid' })
    store.close()
    at.clock.now += 14 * DAY_MS
    const kept = at.open()
    expect(Buffer.from(kept.journal.sent('S', CHAT) ?? [])).toEqual(Buffer.from('bytes'))
    expect(kept.journal.sent('T', CHAT)).toBeNull()
    at.clock.now += 1
    expect(kept.journal.sent('S', CHAT)).toBeNull()
    kept.journal.prune()
    expect(kept.store.database.prepare('SELECT count(*) FROM sent').pluck().get()).toBe(0)
    kept.store.close()
  })

  it('F38: counts how often a message was asked for again across restarts', async () => {
    await using at = await journalAt()
    const countsIn = ({ store }: ReturnType<typeof at.open>) =>
      openRetryCounts(store.database, { guard: work => work(), now: () => at.clock.now })
    const first = at.open()
    await countsIn(first).set('S:recipient', 4)
    first.store.close()
    const next = at.open()
    expect(countsIn(next).get('S:recipient')).toBe(4)
    expect(countsIn(next).get('T:recipient')).toBeUndefined()
    await countsIn(next).del('S:recipient')
    expect(countsIn(next).get('S:recipient')).toBeUndefined()
    next.store.close()
  })

  it('takes over a file of the first version as it is', async () => {
    await using at = await journalAt()
    const { store, journal } = at.open()
    journal.addMessage(message('A'))
    for (const table of [
      'stanzas',
      'plaintexts',
      'tally',
      'retries',
      'polls',
      'files',
      'peer_addresses',
      'key_holders',
      'recoveries',
      'secrets',
      'unopened',
      'chat_timers',
    ])
      store.database.exec(`DROP TABLE ${table}`)
    for (const table of ['journal', 'sent'])
      store.database.exec(`DROP INDEX ${table}_by_forget; ALTER TABLE ${table} DROP COLUMN forget_at`)
    store.database.exec(
      'ALTER TABLE sent DROP COLUMN chat; ALTER TABLE sent DROP COLUMN mode; ALTER TABLE sent DROP COLUMN refusal; PRAGMA user_version = 1',
    )
    store.close()
    const next = at.open()
    expect(next.journal.addMessage(message('A'))).toBe(false)
    expect(openStanzaLog(next.store.database, () => at.clock.now).tally()).toMatchObject({ received: 0, pending: 0 })
    expect(next.store.database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    next.store.close()
  })
})
