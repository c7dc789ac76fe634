import { describe, expect, it } from 'vitest'

import { controlCall } from '../../../host-stub/whatsapp/client/control-call.ts'
import { letAge } from '../../support/aged-file.ts'
import { drainWithCut, quantile, textsIn, writeBacklog } from '../../support/backlog.ts'
import { journalTown, type JournalTown } from '../../support/journal-town.ts'
import { startLinkedStory } from '../../support/story.ts'

describe('F36: a status that nobody can decrypt, at the head of the queue', () => {
  it.each(['waiting for a login', 'live'])('holds nothing up: %s', async when => {
    await using town = await journalTown()
    const { network, gateway, owner, alice, bob } = town
    if (when !== 'live') await gateway.supervisor.call('account.close', gateway.account)
    const status = await network.faults.stuckStatus(owner, alice)
    const id = await bob.says('behind it', { to: owner })
    await gateway.open()
    await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId === id)
    expect(await network.message(status)).toMatchObject({ deliveries: 1, settlements: 1, errors: [], retries: 0 })
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
  })
})

describe('F31: a long queue of direct and group messages, cut at 40 %', () => {
  it('is brought once and in order, and neither pings nor commands starve', async () => {
    await using town = await journalTown({ lineTimes: { keepAliveMs: 1_000 } })
    const { written, received, losses, answersMs } = await drainWithCut(town, 600, 30_000)
    expect(received).toEqual(written)
    expect(losses).toEqual(['connection_closed'])
    const ledger = await town.network.ledger()
    expect(ledger.redelivered['owner:1']).toBeGreaterThan(0)
    expect(quantile(answersMs, 0.99)).toBeLessThan(500)
  })
})

describe('what is said while a queue is being brought', () => {
  it('stands behind what was said before it, in its chat', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, alice } = town
    await gateway.supervisor.call('account.close', gateway.account)
    const texts = await writeBacklog(town, 200)
    await gateway.open()
    await network.ledgerWhen(page => (page.delivered['owner:1'] ?? 0) >= 200)
    const id = await alice.says('last of all', { to: owner })
    await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId === id)
    await network.ledgerWhen(page => page.queued['owner:1'] === 0, 30_000)
    expect((await textsIn(gateway))[alice.phone]).toEqual([...(texts[alice.phone] ?? []), 'last of all'])
  })
})

describe('what was written while we were away', () => {
  it('is answered so that it can be read, though Baileys asks for new keys after each login', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const call = controlCall(network.state)
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    const authors = ['alice', 'bob', 'carol']
    for (const author of await Promise.all(authors.map(name => network.phone(name)))) {
      await author.says('hello', { to: owner })
      await author.hears('hello', { from: owner })
    }
    // With the greeting, as many as one chat is answered in a minute.
    const count = 9 * authors.length
    const { burst } = await call('bursts/load', { authors, to: { phone: 'owner' }, count, label: 'meanwhile' })
    await network.faults.door('refuse')
    await network.faults.drop(owner)
    await call('bursts/release', { burst })
    await network.faults.door('open')
    const { answered } = await call('bursts/progress', { burst, passage: 'answered_at', wait_ms: 20_000 })
    expect(answered).toBe(count)
    const { undecryptable, queries } = await network.ledger()
    expect(undecryptable).toEqual([])
    expect(queries['usync']).toBeGreaterThan(authors.length)
  })
})

describe('F32: a server that forgets that all was acknowledged', () => {
  it('brings the whole queue again, and nobody is answered twice', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    const team = await network.group('Team', [owner, alice, bob])
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    const texts = Array.from({ length: 10 }, (_each, index) => `message ${index}`)
    for (const [index, text] of texts.entries()) await alice.says(text, { to: index % 2 === 0 ? owner : team })
    for (const [index, text] of texts.entries()) await (index % 2 === 0 ? alice : bob).hears(text, { from: owner })

    const redelivered = await network.faults.redeliver(owner)
    expect(redelivered).toBeGreaterThanOrEqual(texts.length)
    await alice.says('and then', { to: owner })
    await alice.hears('and then', { from: owner })
    const answers = (await alice.heard()).filter(({ from, own }) => from.name === owner.name && !own)
    expect(answers.map(({ text }) => text).toSorted()).toEqual([...texts, 'and then'].toSorted())
    const { messages } = await client.whatsapp.messages.list.query({ limit: 200 })
    expect(messages.filter(({ direction }) => direction === 'inbound')).toHaveLength(texts.length + 1)
  })
})

describe('F33: a stanza that comes again', () => {
  it('at the same time, and 13 days later, is the same message', async () => {
    await using town: JournalTown = await journalTown()
    const { network, gateway, owner, alice } = town
    const group = await network.group('Team', [owner, alice])
    const ids = [await alice.says('once', { to: owner }), await alice.says('once to all', { to: group })]
    const again = () => network.faults.redeliver(owner, ids)
    await Promise.all([again(), again()])
    const settled = (times: number) =>
      Promise.all(ids.map(id => network.messageWhen(id, ({ receipts }) => receipts.length >= times)))
    await settled(3)
    await gateway.supervisor.call('account.close', gateway.account)
    letAge(gateway.file, 13)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('connected', after)
    await again()
    for (const record of await settled(4)) expect(record).toMatchObject({ retries: 0, errors: [] })
    expect(await textsIn(gateway)).toEqual({ [alice.phone]: ['once'], [group.id]: ['once to all'] })
  })
})
