import { describe, expect, it } from 'vitest'

import { channelsResponse } from '../../plugin/contract/api/channels.ts'
import { entriesOf, isText, messageIn } from '../support/journal-entries.ts'
import { townsInTurn, type JournalTown } from '../support/journal-town.ts'
import type { RunningGateway } from '../support/gateway.ts'
import { followMessages } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

const nextTown = townsInTurn()

const MANY = 1_000
const QUESTION = 'do you still have a room?'
const ANSWERED = 'yes, I have booked it for you'
const PAGES_OF_ONE = { primer: 1, page: 1, live: 'between' } as const

const caughtUpIn = ({ events }: RunningGateway, after: number): number[] =>
  events.slice(after).flatMap(each => (each.event === 'caught_up' ? [each.head] : []))

const caughtUp = (gateway: RunningGateway, after: number): Promise<{ head: number }> =>
  gateway.event(each => each.event === 'caught_up' && { head: each.head }, after)

/** What waited of the texts in a journal, and what did not. */
async function waitedIn(gateway: RunningGateway): Promise<Record<string, boolean>> {
  const entries = await entriesOf(gateway)
  return Object.fromEntries(
    entries.flatMap(each => {
      if (each.kind !== 'message' || each.message.content.kind !== 'text') return []
      return [[each.message.content.text, each.message.waited === true]]
    }),
  )
}

/** So many texts wait for the account. */
async function awayFor({ network, gateway, owner, alice }: JournalTown, count: number): Promise<void> {
  await gateway.supervisor.call('account.close', gateway.account)
  for (let index = 0; index < count; index += 1) await alice.says(`meanwhile ${index}`, { to: owner })
  await network.behaves({ offline_pages: null, offline_preview: 'right' })
}

describe('the end of what waited', () => {
  it('is told once a line, with all of it in the journal, also when nothing waits and when nobody says so', async () => {
    await using town = await nextTown({ lineTimes: { quietMs: 500, pagePatienceMs: 300 } })
    const { network, gateway, owner } = town
    const cases = [
      ['nothing waits', 0, {}, false],
      ['nothing waits and nobody says so', 0, {}, true],
      ['it comes in pages of one', 4, { offline_pages: PAGES_OF_ONE }, false],
      ['its end is not told', 4, {}, true],
      ['its number is not told', 4, { offline_preview: 'absent' }, true],
      ['it is not announced', 4, { offline_preview: 'unsaid' }, true],
    ] as const
    let written = 0
    for (const [name, count, behaviours, withheld] of cases) {
      await awayFor(town, count)
      await network.behaves(behaviours)
      await network.faults.withholdOffline(owner, withheld)
      const after = gateway.events.length
      await gateway.open()
      const { head } = await caughtUp(gateway, after)
      written += count
      const before = (await entriesOf(gateway)).filter(({ seq, kind }) => kind === 'message' && seq <= head)
      expect(before, name).toHaveLength(written)
      await gateway.supervisor.call('account.ping', gateway.account)
      expect(caughtUpIn(gateway, after), name).toHaveLength(1)
    }
  })

  it('is not told while part of it does not come', async () => {
    await using town = await nextTown({ lineTimes: { pagePatienceMs: 300, renewalPauseMs: 600_000 } })
    const { network, gateway, owner } = town
    await awayFor(town, 4)
    await network.behaves({ offline_pages: PAGES_OF_ONE })
    await network.faults.withholdPages(owner, MANY)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('degraded', after)
    expect(caughtUpIn(gateway, after)).toEqual([])
    await network.faults.withholdPages(owner, 0)
    await caughtUp(gateway, after)
  })
})

describe('a message', () => {
  it('says whether it waited: at WhatsApp, also when it is read later, or in the file of a gateway that died', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    await gateway.supervisor.call('account.close', gateway.account)
    await alice.says('waits', { to: owner })
    await bob.says('read later', { to: owner, garbled: 1 })
    const after = gateway.events.length
    await gateway.open()
    await messageIn(gateway, isText('read later'))
    await caughtUp(gateway, after)
    await alice.says('live', { to: owner })
    await messageIn(gateway, isText('live'))
    expect(await waitedIn(gateway)).toEqual({ waits: true, 'read later': true, live: false })
    expect((await network.ledger()).undecryptable).toEqual([])
  })
})

/** A guest's question and the owner's own answer to it wait in pages of one; the second does not come. */
async function questionHeldBack() {
  const story = await startLinkedStory()
  const { network, client, owner, host } = story
  const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  // It would not be answered at all.
  await host.writeSettings({ whatsapp: { human_takeover: 'off' } })
  await host.kill('SIGTERM')
  await alice.says(QUESTION, { to: owner })
  await owner.types(ANSWERED, { to: alice })
  await network.behaves({ offline_pages: PAGES_OF_ONE })
  await network.faults.withholdPages(owner, MANY)
  await host.restart()
  return { ...story, alice, bob, client: story.clientOf(host.token) }
}

type Held = Awaited<ReturnType<typeof questionHeldBack>>

/** The question's turn, once there is one. */
const turnOf = async (held: Held) => {
  const client = held.clientOf(held.host.token)
  const { messages } = await client.whatsapp.messages.list.query({})
  const question = messages.find(({ text, direction }) => text === QUESTION && direction === 'inbound')
  return question && (await client.whatsapp.messages.course.query({ id: question.id })).turn
}

/** What is written from here on does not wait. */
const isUp = ({ host }: Held) =>
  expect
    .poll(async () => channelsResponse.parse((await host.request('GET', '/api/v1/channels')).body), { timeout: 30_000 })
    .toMatchObject({ channels: [{ connection: { status: 'connected' } }] })

const heldTurn = { status: 'queued', attempt: 0, waits_for: 'backlog' }

/** The rest comes: the owner's word is stored, and only then is the question answered. */
async function letTheRestCome(held: Held): Promise<void> {
  const { network, host, owner, alice } = held
  const client = held.clientOf(host.token)
  using messages = followMessages(client)
  expect(await turnOf(held)).toMatchObject(heldTurn)
  await network.faults.withholdPages(owner, 0)
  await client.channels.reload.mutate()
  await alice.hears(QUESTION, { from: owner, withinMs: 20_000 })
  const isReply = (each: { text: string | null; direction: string }): boolean =>
    each.text === QUESTION && each.direction === 'outbound'
  await messages.until(({ data }) => isReply(data))
  const order = messages.seen.map(({ data }) => data).filter(({ text }) => text === QUESTION || text === ANSWERED)
  expect(order.map(({ text, direction }) => [text, direction])).toEqual([
    [QUESTION, 'inbound'],
    [ANSWERED, 'inbound'],
    [QUESTION, 'outbound'],
  ])
  expect(await turnOf(held)).toMatchObject({ status: 'answered', attempt: 1, waits_for: null, next_at: null })
}

describe('an old question', () => {
  it(
    'is not answered before all that was written meanwhile is known, and nobody waits who writes now',
    { timeout: 120_000 },
    async () => {
      await using held = await questionHeldBack()
      const { owner, bob } = held
      await expect.poll(() => turnOf(held), { timeout: 20_000 }).toMatchObject(heldTurn)
      await isUp(held)
      await bob.says('is anybody there?', { to: owner })
      await bob.hears('is anybody there?', { from: owner })
      await letTheRestCome(held)
    },
  )

  it('waits also for the line of a host that was killed between the two pages', { timeout: 120_000 }, async () => {
    await using held = await questionHeldBack()
    const { network, host, owner, bob } = held
    await expect.poll(() => turnOf(held), { timeout: 20_000 }).toMatchObject(heldTurn)
    await network.behaves({ offline_pages: { ...PAGES_OF_ONE, primer: 0 } })
    await host.kill('SIGKILL')
    await host.restart()
    await isUp(held)
    await bob.says('is anybody there?', { to: owner })
    await bob.hears('is anybody there?', { from: owner, withinMs: 20_000 })
    await letTheRestCome(held)
  })
})
