import { describe, expect, it } from 'vitest'

import type { Behaviours } from '../../host-stub/whatsapp/world/behaviours.ts'
import type { Backlog } from '../../plugin/contract/connection.ts'
import { textsIn, writeBacklog, type Texts } from '../support/backlog.ts'
import { chatWith, type RunningGateway } from '../support/gateway.ts'
import { entriesOf, isText, messageIn } from '../support/journal-entries.ts'
import { townsInTurn, type JournalTown } from '../support/journal-town.ts'

const nextTown = townsInTurn()

/** A page that does not come is missed soon, and a line renewed once. */
const SOON = { pagePatienceMs: 300, renewalPauseMs: 600_000 }
const PAGES = { primer: 5, page: 100, live: 'at_the_end' } as const

/** The account is away while so much is written, and what the network does of that which waits. */
async function awayFor(town: JournalTown, count: number, behaviours: Partial<Behaviours>): Promise<Texts> {
  const { network, gateway } = town
  await gateway.supervisor.call('account.close', gateway.account)
  const written = await writeBacklog(town, count)
  await network.behaves(behaviours)
  return written
}

const backlogsIn = ({ events }: RunningGateway, after: number): (Backlog | null)[] =>
  events.slice(after).flatMap(each => (each.event === 'backlog' ? [each.backlog] : []))

const statesIn = ({ events }: RunningGateway, after: number): string[] =>
  events.slice(after).flatMap(each => {
    if (each.event !== 'connection') return []
    return [each.state.status === 'degraded' ? each.state.reason : each.state.status]
  })

const isOver = (gateway: RunningGateway, after: number): Promise<true> =>
  gateway.event(each => each.event === 'backlog' && each.backlog === null, after)

/** The account comes back; what it told until nothing waited for it any more. */
async function comeBack(town: JournalTown, written: Texts) {
  const { network, gateway } = town
  const [after, before] = [gateway.events.length, (await network.ledger()).pages_asked.length]
  await gateway.open()
  await network.ledgerWhen(page => page.queued['owner:1'] === 0, 20_000)
  const received = await textsIn(gateway)
  for (const [chat, texts] of Object.entries(written)) expect(received[chat]?.slice(-texts.length)).toEqual(texts)
  expect(Object.values(received).flat()).toHaveLength((heardIn.get(town) ?? 0) + Object.values(written).flat().length)
  heardIn.set(town, Object.values(received).flat().length)
  await gateway.supervisor.call('account.close', gateway.account)
  const { pages_asked: asked } = await network.ledger()
  return { told: backlogsIn(gateway, after), states: statesIn(gateway, after), asked: asked.length - before }
}

const heardIn = new WeakMap<JournalTown, number>()

/** How often each chat's texts are in the journal, and in which order. */
const isWhole = async ({ network, gateway }: JournalTown, written: Texts): Promise<void> => {
  await network.ledgerWhen(page => page.queued['owner:1'] === 0, 20_000)
  expect(await textsIn(gateway)).toEqual(written)
}

describe('what waited at WhatsApp for an account', () => {
  it('is asked for page after page until all of it has come, and says how far it is', async () => {
    // A page that falters on a busy machine is not taken for over.
    await using town = await nextTown({ lineTimes: { pageEndMs: 3_000 } })
    const { network, gateway } = town
    const written = await awayFor(town, 330, { offline_pages: PAGES })
    const after = gateway.events.length
    await gateway.open()
    await isOver(gateway, after)
    await isWhole(town, written)
    const told = backlogsIn(gateway, after).flatMap(each => (each ? [each] : []))
    // With the two notices of the group that was founded meanwhile.
    expect(told[0]).toEqual({ total: 332, done: 0 })
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b))
    expect(told.map(({ done }) => done)).toEqual(expect.arrayContaining([105, 205, 305]))
    // Baileys asks at the announcement, and we after each page.
    expect((await network.ledger()).pages_asked.map(({ count }) => count)).toEqual([100, 200, 200, 200])
    expect(statesIn(gateway, after)).toEqual(['connecting', 'connected'])
  })

  it('comes whole, once and in order, however large the pages are', { timeout: 120_000 }, async () => {
    await using town = await nextTown()
    const cases = [
      ['all of it is brought unasked', null, 1],
      ['as large as we ask', { primer: 5, page: null, live: 'at_the_end' }, 2],
      ['smaller than we ask, and there is no primer', { primer: 0, page: 20, live: 'at_the_end' }, 6],
      ['larger than we ask', { primer: 1, page: 150, live: 'at_the_end' }, 2],
      ['smaller than the primer', { primer: 60, page: 30, live: 'at_the_end' }, 3],
      ['none, the primer being all of it', { primer: 500, page: 40, live: 'at_the_end' }, 1],
    ] as const
    for (const [name, pages, questions] of cases) {
      const { told, states, asked } = await comeBack(town, await awayFor(town, 100, { offline_pages: pages }))
      expect([name, states, told.at(-1)]).toEqual([name, ['connecting', 'connected'], null])
      expect(asked, name).toBeLessThanOrEqual(questions + 1)
    }
  })

  it('keeps nobody waiting who writes meanwhile', async () => {
    await using town = await nextTown()
    const { network, gateway, alice, owner } = town
    await awayFor(town, 60, { offline_pages: { primer: 1, page: 20, live: 'between' } })
    await network.faults.withholdPages(owner, 1)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('connected', after)
    await alice.says('while pages are brought', { to: owner })
    await messageIn(gateway, isText('while pages are brought'))
    expect((await network.ledger()).queued['owner:1']).toBeGreaterThan(0)
    await network.faults.withholdPages(owner, 0)
  })

  it('comes whole whatever was announced', { timeout: 120_000 }, async () => {
    await using town = await nextTown()
    const counts = ['4000', '7', '0', 'many', '-3', '9'.repeat(40)].map(count => ({ count }))
    for (const preview of [...counts, 'absent', 'unsaid'] as const) {
      const pages = preview === 'unsaid' ? null : ({ primer: 5, page: 40, live: 'at_the_end' } as const)
      const written = await awayFor(town, 60, { offline_pages: pages, offline_preview: preview })
      const { told, states } = await comeBack(town, written)
      for (const each of told) if (each) expect(each.done).toBeLessThanOrEqual(each.total)
      expect([preview, states]).toEqual([preview, ['connecting', 'connected']])
    }
  })

  it('is not awaited for ever when its end is not told', async () => {
    await using town = await nextTown({ lineTimes: SOON })
    const { network, gateway, owner } = town
    const written = await awayFor(town, 60, { offline_pages: PAGES })
    await network.faults.withholdOffline(owner, true)
    const after = gateway.events.length
    await gateway.open()
    await isOver(gateway, after)
    await isWhole(town, written)
    expect(statesIn(gateway, after)).toEqual(['connecting', 'connected'])
  })
})

describe('a page that does not come', () => {
  it('is asked for again', async () => {
    await using town = await nextTown({ lineTimes: SOON })
    const { network, gateway, owner } = town
    const written = await awayFor(town, 130, { offline_pages: PAGES })
    await network.faults.withholdPages(owner, 1)
    const after = gateway.events.length
    await gateway.open()
    await isOver(gateway, after)
    await isWhole(town, written)
    expect(statesIn(gateway, after)).toEqual(['connecting', 'connected'])
  })

  it('costs one line when it was asked for again in vain', async () => {
    await using town = await nextTown({ lineTimes: SOON })
    const { network, gateway, owner } = town
    const written = await awayFor(town, 130, { offline_pages: PAGES })
    await network.faults.withholdPages(owner, 3)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('waiting', after)
    await isWhole(town, written)
    expect(statesIn(gateway, after)).toEqual(['connecting', 'connected', 'waiting', 'connecting', 'connected'])
    expect(gateway.lines.filter(({ event }) => event === 'connection renewed for the backlog')).toHaveLength(1)
  })

  it('leaves the account degraded after that, with all else going on, until it comes', async () => {
    await using town = await nextTown({ lineTimes: SOON })
    const { network, gateway, owner, alice } = town
    const written = await awayFor(town, 130, { offline_pages: { ...PAGES, live: 'between' } })
    await network.faults.withholdPages(owner, 1_000)
    const after = gateway.events.length
    await gateway.open()
    const stalled = await gateway.connection('degraded', after)
    expect(stalled).toMatchObject({ reason: 'backlog_stalled', permanent: false, phone: owner.phone })
    expect(backlogsIn(gateway, after).at(-1)).toMatchObject({ total: 127, done: 5 })
    expect(await gateway.say(chatWith(alice), '3EB0000000000000000001', 'all the same')).toEqual({ outcome: 'sent' })
    await alice.hears('all the same', { from: owner })
    await alice.says('written meanwhile', { to: owner })
    await messageIn(gateway, isText('written meanwhile'))
    await gateway.supervisor.call('account.ping', gateway.account)

    await network.faults.withholdPages(owner, 0)
    await gateway.connection('connected', gateway.events.length)
    const { [alice.phone]: texts = [], ...others } = await whole(town)
    const { [alice.phone]: theirs = [], ...rest } = written
    expect(others).toEqual(rest)
    expect(texts.toSorted()).toEqual([...theirs, 'written meanwhile'].toSorted())
    const renewed = gateway.lines.filter(({ event }) => event === 'connection renewed for the backlog')
    expect(renewed).toHaveLength(1)
  })
})

async function whole({ network, gateway }: JournalTown): Promise<Texts> {
  await network.ledgerWhen(page => page.queued['owner:1'] === 0, 20_000)
  return textsIn(gateway)
}

describe('a gateway that is killed between two pages', () => {
  it('loses nothing of what waited, and has nothing twice', async () => {
    await using town = await nextTown()
    const { network, gateway, owner } = town
    const written = await awayFor(town, 330, { offline_pages: PAGES })
    for (const came of [105, 100]) {
      const { settled } = await network.ledger()
      const before = settled['owner:1'] ?? 0
      const after = gateway.events.length
      const times = gateway.readyTimes()
      await gateway.open()
      await gateway.event(each => each.event === 'backlog' && (each.backlog?.done ?? 0) >= came, after)
      await network.faults.withholdPages(owner, 1_000)
      await network.ledgerWhen(page => (page.settled['owner:1'] ?? 0) >= before + came)
      process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
      await gateway.whenReady(times + 1)
      await network.faults.withholdPages(owner, 0)
    }
    const after = gateway.events.length
    await gateway.open()
    await isOver(gateway, after)
    await isWhole(town, written)
    const entries = (await entriesOf(gateway)).flatMap(each => (each.kind === 'message' ? [each.message.stanzaId] : []))
    expect(new Set(entries).size).toBe(330)
    expect(entries).toHaveLength(330)
  })
})
