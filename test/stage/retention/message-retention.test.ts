import { setImmediate } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { isOverRateLimit } from '../../../plugin/safeguards/rate-limit.ts'
import { claimed } from '../../../plugin/contract/claimed.ts'
import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'
import { MessageFeed } from '../../../plugin/history/message-feed.ts'
import { DAY_MS } from '../../../plugin/base/durations.ts'
import { Retention } from '../../../plugin/retention/retention.ts'
import { hasWritten } from '../../../plugin/store/sends/send-history.ts'
import { settleFile, wantAttachment } from '../../../plugin/store/messages/attachments.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { listMessages, textOfStored } from '../../../plugin/store/messages/messages.ts'
import { startsWithDays } from '../../../plugin/store/deletion/old-messages.ts'
import { alone } from '../../support/alone.ts'
import { keptLog } from '../../support/host.ts'
import { stagesOn } from '../../support/stages.ts'
import { ACCOUNT, ALICE, BOB, emptyStore, given, linkedStore, ORG, textFrom } from '../../support/store.ts'

const PICTURE: MessageContent = {
  kind: 'media',
  media: { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null, viewOnce: false, album: null },
  caption: 'look',
}
const ARTIFACT = { id: 'art_1', mime: 'image/png', sizeBytes: 3, sha256: 'aa', fileName: null }

/** Another millisecond has begun. */
const passed = async (): Promise<void> => {
  for (const begun = Date.now(); Date.now() === begun;) await setImmediate()
}

/** All stages on one store, whose messages are kept for so many days, as of so many days from now. */
async function keeping(days: number) {
  const opened = await linkedStore()
  const { store } = opened
  const stages = await stagesOn(store, { bindings: [{}] })
  const forgotten: string[] = []
  const host = { isDown: false }
  const clock: { days: number; at: number | null } = { days: 0, at: null }
  const kept = keptLog()
  const forget = (_: OrgId, source: string): Promise<void> => {
    if (host.isDown) return Promise.reject(new Error('down'))
    forgotten.push(source)
    return Promise.resolve()
  }
  const now = (): number => clock.at ?? Date.now() + clock.days * DAY_MS
  const retention = new Retention({ store, log: kept.log, artifacts: { forget }, days: () => days, now })
  const prune = async (inDays: number): Promise<void> => {
    clock.days = inDays
    await retention.prune()
  }
  /** What is older than an instant. */
  const pruneUntil = async (instant: number): Promise<void> => {
    clock.at = instant + days * DAY_MS
    await retention.prune()
  }
  const dispose = async (): Promise<void> => {
    await retention.close()
    await stages[Symbol.asyncDispose]()
    await opened[Symbol.asyncDispose]()
  }
  return { ...stages, store, prune, pruneUntil, forgotten, host, [Symbol.asyncDispose]: dispose }
}

const textsIn = async (store: Store): Promise<string[]> =>
  (await listMessages(store.connection, ORG, { after: 0, limit: 1_000 })).map(textOfStored)

const rowsIn = async (store: Store): Promise<Record<string, number>> => {
  const tables = ['messages', 'sends', 'turns', 'steps', 'attachments', 'approvals', 'approval_prompts'] as const
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const row = await store.connection
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    counts[table] = row.count
  }
  return counts
}

const answered = async (here: Awaited<ReturnType<typeof keeping>>, ...texts: string[]): Promise<void> => {
  await here.receive(...texts.map(text => textFrom(ALICE, text)))
  await here.line('turn ended', texts.length)
  await here.outboxLine('send settled', texts.length)
}

describe('what was said long ago', () => {
  it('is forgotten with all that was done about it, after so many days and not before', async () => {
    await using here = await keeping(40)
    await answered(here, 'one', 'two')
    await here.prune(39)
    expect(await textsIn(here.store)).toHaveLength(4)
    await here.prune(41)
    expect(await rowsIn(here.store)).toEqual({
      messages: 0,
      sends: 0,
      turns: 0,
      steps: 0,
      attachments: 0,
      approvals: 0,
      approval_prompts: 0,
    })
  })

  it('is kept for ever where nobody says for how long', async () => {
    await using here = await keeping(0)
    await answered(here, 'one')
    await here.prune(100_000)
    expect(await textsIn(here.store)).toEqual(['one', 're: one'])
  })

  it('is forgotten in steps, with more than fit into one of them, and other work goes between', async () => {
    await using here = await keeping(40)
    await here.receive(...Array.from({ length: 130 }, (_, n) => textFrom(ALICE, `${n}`, { fromMe: true })))
    let turns = 0
    const counting = setInterval(() => (turns += 1), 0)
    await here.prune(41)
    clearInterval(counting)
    expect([await textsIn(here.store), turns > 0]).toEqual([[], true])
  })

  it('stays while anything about it is open: a turn, a turn that waits for a person, a send', async () => {
    await using here = await keeping(40)
    here.outbox.disconnected(ACCOUNT)
    await here.receive(textFrom(ALICE, 'unsent'), textFrom(BOB, 'parked'))
    await here.line('turn ended', 2)
    await here.store.connection
      .updateTable('turns')
      .set({ status: 'needs_operator' })
      .where('chat_key', '=', given(await chatKeyOf(here.store, 'parked')))
      .execute()
    await here.prune(41)
    expect((await textsIn(here.store)).toSorted()).toEqual(['parked', 're: parked', 're: unsent'])
  })

  it('leaves what quotes it, which is then a claim, and the streams that somebody reads go on over the gap', async () => {
    await using here = await keeping(40)
    const old = textFrom(ALICE, 'old')
    await here.receive(old)
    await here.line('turn ended')
    await here.outboxLine('send settled')
    await passed()
    const until = Date.now()
    const quoted = claimed({ stanzaId: old.stanzaId, sender: ALICE, text: 'old' })
    await here.receive(textFrom(ALICE, 'new', { quoted }))
    await here.line('turn ended', 2)
    await here.outboxLine('send settled', 2)
    await here.pruneUntil(until)
    const history = new MessageFeed(here.store, alone)
    const seen: { seq: number; text: string | null; claimed: boolean | undefined }[] = []
    for await (const { seq, message } of history.watch(ORG, 0, new AbortController().signal)) {
      seen.push({ seq, text: message.text, claimed: message.quoted?.claimed })
      if (seen.length === 2) break
    }
    expect(seen).toEqual([
      { seq: 3, text: 'new', claimed: true },
      { seq: 4, text: 're: new', claimed: undefined },
    ])
    await here.receive(textFrom(ALICE, 'newer'))
    expect((await listMessages(here.store.connection, ORG, { after: 4, limit: 1 }))[0]).toMatchObject({ seq: 5 })
  })

  it('leaves the people: who wrote first is still known, and is no newcomer', async () => {
    await using here = await keeping(40)
    await answered(here, 'one')
    const chatKey = given(await chatKeyOf(here.store, 'one'))
    const before = await here.store.connection.selectFrom('people').select(['id', 'lid', 'phone']).execute()
    await here.prune(41)
    const { connection } = here.store
    expect(await connection.selectFrom('people').select(['id', 'lid', 'phone']).execute()).toEqual(before)
    expect(await hasWritten(connection, { ...ACCOUNT, chatKey })).toBe(true)
    const taking = { ...ACCOUNT, senderId: chatKey as `per_${string}`, chatKey, sentAt: Date.now() }
    const full = { perSender: null, perChat: null, perAccount: 3 }
    const at = { sentAt: taking.sentAt }
    await here.receive(textFrom(BOB, 'somebody', at), textFrom(BOB, 'again', at))
    const bob = given(await chatKeyOf(here.store, 'somebody')) as `per_${string}`
    expect(await isOverRateLimit(connection, taking, full)).toBe(false)
    expect(await isOverRateLimit(connection, { ...taking, senderId: bob, chatKey: bob }, full)).toBe(true)
  })

  it('takes its files along at the host, and waits for a host that cannot forget them now', async () => {
    await using here = await keeping(40)
    await here.receive(textFrom(ALICE, '', { content: PICTURE, file: 'f', fromMe: true }))
    const [message] = await listMessages(here.store.connection, ORG, { after: 0, limit: 1 })
    const { id } = given(message)
    await here.store.transaction(async trx => {
      await wantAttachment(trx, id, Date.now())
      await settleFile(trx, id, { artifact: ARTIFACT })
    })
    here.host.isDown = true
    await here.prune(41)
    expect((await rowsIn(here.store))['messages']).toBe(1)
    here.host.isDown = false
    await here.prune(42)
    expect([here.forgotten, (await rowsIn(here.store))['messages']]).toEqual([[`whatsapp:${id}`], 0])
  })
})

const chatKeyOf = async (store: Store, text: string) =>
  (await listMessages(store.connection, ORG, { after: 0, limit: 1_000 })).find(each => textOfStored(each) === text)
    ?.chatKey

describe('a database that nobody has said for how long it keeps messages', () => {
  it('keeps them for 180 days when it is new', async () => {
    await using opened = await emptyStore()
    expect(await startsWithDays(opened.store.connection)).toBe(180)
  })
})
