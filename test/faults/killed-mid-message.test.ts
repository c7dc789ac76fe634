import { join } from 'node:path'

import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'

import { crashEnvironment, giveSign, readCrossings, takeSignBack, writePlan } from '../support/crash-plan.ts'
import { databaseIn } from '../support/files-below.ts'
import { openGateBuild } from '../support/open-gate.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import type { Story } from '../support/story.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { decideByBook, entriesIn } from './sweep/book.ts'

const { nextLinkedStory } = storiesInTurn()

/** Nothing is on its way any more, in either direction. */
async function quiet({ network, host }: Pick<Story, 'network' | 'host'>): Promise<void> {
  await network.ledgerWhen(page => Object.values(page.queued).every(size => size === 0))
  const outbound = async () => {
    const { body } = await host.request('GET', '/api/v1/channels/whatsapp/messages?limit=100')
    const { messages } = body as { messages: { direction: string; outcome: string }[] }
    return messages.filter(({ direction, outcome }) => direction === 'outbound' && outcome !== 'delivered')
  }
  await expect.poll(outbound, { timeout: 10_000 }).toEqual([])
}

it('F1: killed when a frame has arrived and nothing is kept of it, it gets it again: one turn, one reply', async () => {
  await using crossings = await temporaryFolder()
  writePlan(crossings.path, { gateway: [{ kind: 'frame in before', count: 1, onSign: true }] })
  await using story = await nextLinkedStory({ host: { env: crashEnvironment(crossings.path, 'host') } })
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  await alice.says('before', { to: owner })
  await alice.hears('before', { from: owner })
  await quiet(story)

  giveSign(crossings.path)
  const id = await alice.says('arrived', { to: owner })
  await alice.hears('arrived', { from: owner, withinMs: 20_000 })
  await alice.says('after', { to: owner })
  await alice.hears('after', { from: owner })
  await quiet(story)
  expect(readCrossings(crossings.path).deaths).toMatchObject([{ role: 'gateway', life: 0, kind: 'frame in before' }])
  expect(await network.message(id)).toMatchObject({ deliveries: 2, settlements: 1, receipts: ['inactive'], retries: 0 })
  expect((await alice.heard()).map(({ text }) => text)).toEqual(['before', 'arrived', 'after'])
  expect((await client.turns.list.query({})).turns).toMatchObject(Array(3).fill({ status: 'answered', attempt: 1 }))
})

/** The newest turn as its process left it. */
function leftBehind(home: string) {
  const path = databaseIn(home)
  const database = new Sqlite(path ?? '', { readonly: true })
  try {
    const newest = 'SELECT id FROM turns ORDER BY id DESC LIMIT 1'
    const all = (sql: string): unknown[] => database.prepare(sql).pluck().all()
    return {
      turn: all(`SELECT status FROM turns WHERE id = (${newest})`)[0],
      steps: all(`SELECT status FROM steps WHERE turn_id = (${newest}) ORDER BY n`),
      replies: all(`SELECT id FROM sends WHERE id LIKE 'snd_' || substr((${newest}), 5) || '%'`).length,
    }
  } finally {
    database.close()
  }
}

/** Where the host dies, what it leaves behind then, and whether a person has to say how it goes on. */
const PLACES = [
  {
    place: 'before its agent begins',
    end: { kind: 'commit after', count: 1 },
    left: { turn: 'queued', steps: [], replies: 0, entries: 0 },
    asks: false,
  },
  {
    place: 'between two steps',
    end: { kind: 'commit after', count: 5 },
    left: { turn: 'running', steps: ['done'], replies: 0, entries: 0 },
    asks: false,
  },
  {
    place: 'before a write',
    end: { kind: 'append before', count: 1 },
    left: { turn: 'running', steps: ['done', 'started'], replies: 0, entries: 0 },
    asks: true,
  },
  {
    place: 'after a write',
    end: { kind: 'append after', count: 1 },
    left: { turn: 'running', steps: ['done', 'started'], replies: 0, entries: 1 },
    asks: true,
  },
  {
    place: 'before its reply is kept',
    end: { kind: 'commit before', count: 9 },
    left: { turn: 'running', steps: ['done', 'done'], replies: 0, entries: 1 },
    asks: false,
  },
] as const

it('F5: wherever the host is killed during a turn, what it writes is written once and it replies once', async () => {
  await using folder = await temporaryFolder()
  const [crossings, book] = [folder.path, join(folder.path, 'book')]
  writePlan(crossings, { host: PLACES.map(({ end }) => ({ ...end, onSign: true })) })
  const env = { ...crashEnvironment(crossings, 'host'), BOOKKEEPER_BOOK: book }
  await using build = await openGateBuild()
  await using story = await nextLinkedStory({ host: { env, root: build.root } })
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'bookkeeper', match_rule: {} })
  // What is learned of somebody who writes for the first time is kept as well, and would be counted.
  await alice.says('hello', { to: owner })
  await alice.hears('In the book: hello', { from: owner })
  await quiet(story)
  for (const [told, { place, left, asks }] of PLACES.entries()) {
    giveSign(crossings)
    await alice.says(place, { to: owner })
    expect(await host.gone).toBe('SIGKILL')
    takeSignBack(crossings)
    expect({ place, ...leftBehind(host.home), entries: entriesIn(book).length - told - 1 }).toEqual({ place, ...left })

    await host.restart()
    if (asks)
      await expect.poll(() => decideByBook((...asked) => host.request(...asked), book), { timeout: 20_000 }).toBe(1)
    await alice.hears(`In the book: ${place}`, { from: owner, withinMs: 20_000 })
    await quiet(story)
  }
  const texts = ['hello', ...PLACES.map(({ place }) => place)]
  expect((await alice.heard()).map(({ text }) => text)).toEqual(texts.map(text => `In the book: ${text}`))
  const entries = entriesIn(book)
  expect([entries.length, new Set(entries).size]).toEqual([texts.length, texts.length])
})
