import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import type { PhoneCharacter, RunningNetwork } from '../support/network.ts'
import { given } from '../support/store.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

type Client = Story['client']
type Sent = Awaited<ReturnType<Client['whatsapp']['sends']['get']['query']>>

/** As people write it, and as WhatsApp has it: Brazil, Mexico, Argentina, and any other place. */
const SPELLINGS = [
  ['+5511987654321', '+551187654321'],
  ['+525512345678', '+5215512345678'],
  ['+541123456789', '+5491123456789'],
  ['+22501234567', '+2250701234567'],
] as const

const digits = (phone: string): string => phone.slice(1)

const spells = (network: RunningNetwork, ...pairs: readonly (readonly [string, string])[]): Promise<void> =>
  network.behaves({
    acks_unknown: true,
    contact_spellings: Object.fromEntries(pairs.map(([from, to]) => [digits(from), digits(to)])),
  })

const askedFor = async (network: RunningNetwork): Promise<string[]> =>
  (await network.ledger()).lookups.flatMap(({ numbers }) => numbers)

/** How a send stands once it fits. */
async function comesTo(client: Client, id: string, fits: (send: Sent) => boolean): Promise<Sent> {
  const look = () => client.whatsapp.sends.get.query({ id })
  await expect.poll(async () => fits(await look()), { timeout: 15_000 }).toBe(true)
  return look()
}

const send = (client: Client, to: string, text: string) => client.whatsapp.send.mutate({ to, text })
const heardBy = async (phone: PhoneCharacter): Promise<string[]> => (await phone.heard()).map(({ text }) => text)

describe('a send to somebody who has never written', () => {
  it.each(SPELLINGS)('goes to the number that WhatsApp has for %s', async (written, has) => {
    await using story = await startLinkedStory()
    const { network, client } = story
    const ana = await network.phone('ana', { phone: has })
    await spells(network, [written, has])
    const { id } = await send(client, written, 'hello')
    await ana.hears('hello')
    const { status, to } = await comesTo(client, id, each => each.status !== 'accepted')
    expect([['sent', 'delivered'].includes(status), to]).toEqual([true, has])
    // The other spelling is the same person by now, and WhatsApp is not asked again for either.
    await send(client, has, 'and again')
    await send(client, written, 'and a third time')
    await ana.hears('and again')
    await ana.hears('and a third time')
    expect(await askedFor(network)).toEqual([digits(written)])
    const { messages } = await client.whatsapp.messages.list.query({ limit: 10 })
    expect(new Set(messages.map(({ chat }) => chat))).toEqual(new Set([has]))
  })

  it.each([
    ['its LID, with the number beside it', 'lid', SPELLINGS[0][1]],
    ['its LID alone', 'lid_alone', SPELLINGS[0][0]],
  ] as const)('goes to whom WhatsApp names by %s', async (_, contact_names, shown) => {
    await using story = await startLinkedStory()
    const { network, client } = story
    const [[written, has]] = SPELLINGS
    const ana = await network.phone('ana', { phone: has })
    await spells(network, [written, has])
    await network.behaves({ contact_names })
    const { id } = await send(client, written, 'hello')
    await ana.hears('hello')
    const { status, to } = await comesTo(client, id, each => each.status !== 'accepted')
    expect([['sent', 'delivered'].includes(status), to]).toEqual([true, shown])
  })

  it('is rejected with a reason and a sentence when WhatsApp knows nobody by that number, and nothing is written', async () => {
    await using story = await startLinkedStory()
    const { network, client } = story
    await network.behaves({ acks_unknown: true })
    const { id } = await send(client, '+4915100000000', 'anybody?')
    const end = await comesTo(client, id, ({ status }) => status !== 'accepted')
    expect(end).toMatchObject({ status: 'rejected', code: null, reason: 'not_on_whatsapp' })
    expect(end.detail).toMatch(/^WhatsApp knows nobody by that number/)
    const again = await send(client, '+4915100000000', 'still nobody?')
    await comesTo(client, again.id, ({ status }) => status === 'rejected')
    expect(await askedFor(network)).toEqual(['4915100000000'])
  })

  it('asks once for many', async () => {
    await using story = await startLinkedStory()
    const { network, client } = story
    const ana = await network.phone('ana')
    const texts = Array.from({ length: 12 }, (_, n) => `hello ${n}`)
    await Promise.all(texts.map(text => send(client, ana.phone, text)))
    for (const text of texts) await ana.hears(text)
    expect(await askedFor(network)).toEqual([digits(ana.phone)])
  })

  it('comes to one chat when both spellings are written to at the same time, or the person writes under theirs', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const [[written, has]] = SPELLINGS
    const ana = await network.phone('ana', { phone: has })
    await spells(network, [written, has])
    const both = await Promise.all([send(client, written, 'one'), send(client, has, 'two')])
    for (const { id } of both) await comesTo(client, id, ({ status }) => status !== 'accepted')
    using messages = followMessages(client)
    await ana.says('three', { to: owner })
    await messages.until(({ data }) => data.text === 'three')
    await send(client, written, 'four')
    await ana.hears('four')
    const { messages: all } = await client.whatsapp.messages.list.query({ limit: 10 })
    expect(new Set(all.map(({ chat }) => chat))).toEqual(new Set([has]))
    expect([...(await heardBy(ana))].sort()).toEqual(['four', 'one', 'two'])
  })

  it.each(['hangs', 'nonsense', 500] as const)(
    'waits while a lookup fails, says why, and goes out once it does not: %s',
    async how => {
      await using story = await startLinkedStory()
      const { network, client } = story
      const ana = await network.phone('ana')
      await network.behaves({ contact_query: how })
      const { id } = await send(client, ana.phone, 'hello')
      const waits = how === 'hangs' ? 'lookup' : 'lookup_failed'
      const waiting = await comesTo(client, id, ({ waits_for }) => waits_for === waits)
      expect(waiting).toMatchObject({ status: 'accepted', position: 0 })
      if (how !== 'hangs')
        expect(Date.parse(waiting.earliest_at ?? '')).toBeGreaterThan(Date.parse(waiting.accepted_at))
      await network.ledgerWhen(({ lookups }) => lookups.length > 0)
      expect(await heardBy(ana)).toEqual([])
      await network.behaves({ contact_query: 'answered' })
      await ana.hears('hello', { withinMs: 30_000 })
    },
    60_000,
  )

  it('is not asked for when they have written, nor by their LID', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const [ana, bea] = [await network.phone('ana'), await network.phone('bea')]
    using messages = followMessages(client)
    await ana.says('it is me', { to: owner })
    await messages.until(({ data }) => data.text === 'it is me')
    await send(client, ana.phone, 'hello Ana')
    await ana.hears('hello Ana')
    await send(client, `lid:${bea.lid}`, 'hello Bea')
    await bea.hears('hello Bea')
    expect(await askedFor(network)).toEqual([])
  })
})

describe('the budget of lookups', () => {
  it('is twenty an hour: what is more waits for it, and those who were asked for go on', async () => {
    await using story = await startLinkedStory()
    const { network, client } = story
    const ana = await network.phone('ana')
    await send(client, ana.phone, 'first')
    await ana.hears('first')
    const strangers = Array.from({ length: 20 }, (_, n) => `+49151000000${String(n).padStart(2, '0')}`)
    const sent = await Promise.all(strangers.map(to => send(client, to, 'anybody?')))
    const last = sent.at(-1)?.id ?? ''
    const waiting = await comesTo(client, last, ({ waits_for }) => waits_for === 'lookup_budget')
    const inAnHour = Date.parse(waiting.earliest_at ?? '') - Date.parse(waiting.accepted_at)
    expect(inAnHour).toBeGreaterThan(3_500_000)
    await send(client, ana.phone, 'second')
    await ana.hears('second')
    expect(await askedFor(network)).toHaveLength(20)
  })

  it('is each org’s own, and so is what was answered', async () => {
    await using story = await startLinkedStory()
    const { network, client, host } = story
    const acme = story.clientOf(await host.mintToken('org_acme', 'admin'))
    const [other, ana] = [await network.phone('other'), await network.phone('ana')]
    await acme.whatsapp.configure.mutate({ fields: {} })
    const { qr_data_url } = await acme.whatsapp.qr.start.mutate({})
    await other.scan(given(qr_data_url))
    await expect
      .poll(async () => (await acme.channels.list.query()).channels[0]?.connection.status, { timeout: 20_000 })
      .toBe('connected')
    await send(client, ana.phone, 'from the one')
    await ana.hears('from the one')
    await send(acme, ana.phone, 'from the other')
    await ana.hears('from the other')
    expect(await askedFor(network)).toEqual([digits(ana.phone), digits(ana.phone)])
  })
})

describe('numbers that are checked', () => {
  it('are answered with the number that WhatsApp has, and beyond the budget those that are known', async () => {
    await using story = await startLinkedStory()
    const { network, client, host } = story
    const [[written, has]] = SPELLINGS
    await network.phone('ana', { phone: has })
    await spells(network, [written, has])
    const check = (numbers: readonly string[]) => host.request('POST', '/api/v1/contacts/check', { body: { numbers } })
    const ana = { number: written, exists: true, address: has }
    const nobody = { number: '+4915100000000', exists: false, address: null }
    expect(await check([written, '+4915100000000'])).toMatchObject({ status: 200, body: { contacts: [ana, nobody] } })
    const strangers = Array.from({ length: 19 }, (_, n) => `+49151000001${String(n).padStart(2, '0')}`)
    expect((await check(strangers.slice(0, 10))).status).toBe(200)
    const refused = await check([...strangers.slice(10), written])
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'lookup_budget' } } })
    const { error } = refused.body as { error: { retry_at: string; contacts: { number: string }[] } }
    expect(Date.parse(error.retry_at) - Date.now()).toBeGreaterThan(3_500_000)
    expect(error.contacts).toContainEqual(ana)
    expect(error.contacts).toHaveLength(9)
    expect(await check([written])).toMatchObject({ status: 200, body: { contacts: [ana] } })
    await expect(client.contacts.check.mutate({ numbers: ['+4915100000999'] })).rejects.toMatchObject({
      data: { httpStatus: 429, error: { code: 'lookup_budget', retry_at: error.retry_at } },
    })
    expect((await check([])).status).toBe(400)
    expect(await askedFor(network)).toHaveLength(20)
  })
})

describe('a host that is killed', () => {
  it('between the answer and the send asks nobody again, and says it once', async () => {
    await using story = await startLinkedStory()
    const { network, host } = story
    const ana = await network.phone('ana')
    const post = (path: string, body: unknown) => host.request('POST', `/api/v1/${path}`, { body })
    expect(await post('contacts/check', { numbers: [ana.phone] })).toMatchObject({ status: 200 })
    await host.kill('SIGKILL')
    await host.restart()
    expect(await post('channels/whatsapp/send', { to: ana.phone, text: 'hello' })).toMatchObject({ status: 202 })
    await ana.hears('hello', { withinMs: 30_000 })
    expect(await askedFor(network)).toEqual([digits(ana.phone)])
    expect(await heardBy(ana)).toEqual(['hello'])
  }, 60_000)

  it('while WhatsApp is asked asks again, and says it once', async () => {
    await using story = await startLinkedStory()
    const { network, client, host } = story
    const ana = await network.phone('ana')
    await network.behaves({ contact_query: 'hangs' })
    await send(client, ana.phone, 'hello')
    await network.ledgerWhen(({ lookups }) => lookups.length > 0)
    await host.kill('SIGKILL')
    await network.behaves({ contact_query: 'answered' })
    await host.restart()
    await ana.hears('hello', { withinMs: 30_000 })
    expect(await heardBy(ana)).toEqual(['hello'])
  }, 60_000)
})
