import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { given } from '../support/given.ts'
import type { PhoneCharacter, RunningNetwork } from '../support/network.ts'
import { shared } from '../support/shared.ts'
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

/** Another one of Brazil, by its last eight digits. */
const another = (digits: string) => [`+55119${digits}`, `+5511${digits}`] as const

const digits = (phone: string): string => phone.slice(1)

const spells = (network: RunningNetwork, ...pairs: readonly (readonly [string, string])[]): Promise<void> =>
  network.behaves({
    acks_unknown: true,
    contact_spellings: Object.fromEntries(pairs.map(([from, to]) => [digits(from), digits(to)])),
  })

const askedFor = async (network: RunningNetwork): Promise<string[]> =>
  (await network.ledger()).lookups.flatMap(({ numbers }) => numbers)

/** What is asked for from now on. */
async function askedSince(network: RunningNetwork): Promise<() => Promise<string[]>> {
  const { length } = await askedFor(network)
  return async () => (await askedFor(network)).slice(length)
}

/** In which of these chats there is a message. */
async function chatsOf(client: Client, spellings: readonly string[]): Promise<Set<string>> {
  const { messages } = await client.whatsapp.messages.list.query({ limit: 100 })
  return new Set(messages.map(({ chat }) => chat).filter(chat => spellings.includes(chat)))
}

/** Another org, with a budget of its own, that a phone of its own is linked to. */
async function linkedOrg({ host, network, clientOf }: Story, name: string) {
  const token = await host.mintToken(`org_${name}`, 'admin')
  const client = clientOf(token)
  const phone = await network.phone(`phone of ${name}`)
  await client.whatsapp.configure.mutate({ fields: {} })
  const { qr_data_url } = await client.whatsapp.qr.start.mutate({})
  await phone.scan(given(qr_data_url))
  await expect
    .poll(async () => (await client.channels.list.query()).channels[0]?.connection.status, { timeout: 20_000 })
    .toBe('connected')
  return { client, headers: { authorization: `Bearer ${token}` } }
}

/** How a send stands once it fits. */
async function comesTo(client: Client, id: string, fits: (send: Sent) => boolean): Promise<Sent> {
  const look = () => client.whatsapp.sends.get.query({ id })
  await expect.poll(async () => fits(await look()), { timeout: 15_000 }).toBe(true)
  return look()
}

const send = (client: Client, to: string, text: string) => client.whatsapp.send.mutate({ to, text })
const heardBy = async (phone: PhoneCharacter): Promise<string[]> => (await phone.heard()).map(({ text }) => text)

/** People are others in each test, so that none has been asked for before; of a budget no test needs more than a few. */
const story = shared(() => startLinkedStory())

describe('a send to somebody who has never written', () => {
  it.each(SPELLINGS)('goes to the number that WhatsApp has for %s', async (written, has) => {
    const { network, client } = story()
    const ana = await network.phone(`ana ${has}`, { phone: has })
    await spells(network, [written, has])
    const asked = await askedSince(network)
    const { id } = await send(client, written, 'hello')
    await ana.hears('hello')
    const { status, to } = await comesTo(client, id, each => each.status !== 'accepted')
    expect([['sent', 'delivered'].includes(status), to]).toEqual([true, has])
    // The other spelling is the same person by now, and WhatsApp is not asked again for either.
    await send(client, has, 'and again')
    await send(client, written, 'and a third time')
    await ana.hears('and again')
    await ana.hears('and a third time')
    expect(await asked()).toEqual([digits(written)])
    expect(await chatsOf(client, [written, has])).toEqual(new Set([has]))
  })

  it.each([
    ['its LID, with the number beside it', 'lid', [another('22223331'), 1]],
    ['its LID alone', 'lid_alone', [another('22223332'), 0]],
  ] as const)('goes to whom WhatsApp names by %s', async (_, contact_names, [spellings, shown]) => {
    const { network, client } = story()
    const [written, has] = spellings
    const ana = await network.phone(`ana ${has}`, { phone: has })
    await spells(network, spellings)
    await network.behaves({ contact_names })
    const { id } = await send(client, written, 'hello')
    await ana.hears('hello')
    const { status, to } = await comesTo(client, id, each => each.status !== 'accepted')
    await network.behaves({ contact_names: 'number' })
    expect([['sent', 'delivered'].includes(status), to]).toEqual([true, spellings[shown]])
  })

  it('is rejected with a reason and a sentence when WhatsApp knows nobody by that number, and nothing is written', async () => {
    const { network, client } = story()
    await network.behaves({ acks_unknown: true })
    const asked = await askedSince(network)
    const { id } = await send(client, '+4915100000000', 'anybody?')
    const end = await comesTo(client, id, ({ status }) => status !== 'accepted')
    expect(end).toMatchObject({ status: 'rejected', code: null, reason: 'not_on_whatsapp' })
    expect(end.detail).toMatch(/^This number is not on WhatsApp/)
    const again = await send(client, '+4915100000000', 'still nobody?')
    await comesTo(client, again.id, ({ status }) => status === 'rejected')
    expect(await asked()).toEqual(['4915100000000'])
  })

  it('asks once for many', async () => {
    const { network, client } = story()
    const asked = await askedSince(network)
    const ana = await network.phone('ana of many')
    const texts = Array.from({ length: 12 }, (_, n) => `hello ${n}`)
    await Promise.all(texts.map(text => send(client, ana.phone, text)))
    for (const text of texts) await ana.hears(text)
    expect(await asked()).toEqual([digits(ana.phone)])
  })

  it('comes to one chat when both spellings are written to at the same time, or the person writes under theirs', async () => {
    const { network, client, owner } = story()
    const [written, has] = another('22223333')
    const ana = await network.phone('ana of both', { phone: has })
    await spells(network, [written, has])
    const both = await Promise.all([send(client, written, 'one'), send(client, has, 'two')])
    for (const { id } of both) await comesTo(client, id, ({ status }) => status !== 'accepted')
    using messages = followMessages(client)
    await ana.says('three', { to: owner })
    await messages.until(({ data }) => data.text === 'three')
    await send(client, written, 'four')
    await ana.hears('four')
    expect(await chatsOf(client, [written, has])).toEqual(new Set([has]))
    expect([...(await heardBy(ana))].sort()).toEqual(['four', 'one', 'two'])
  })

  it('is not asked for when they have written, nor by their LID', async () => {
    const { network, client, owner } = story()
    const asked = await askedSince(network)
    const [ana, bea] = [await network.phone('ana who writes'), await network.phone('bea')]
    using messages = followMessages(client)
    await ana.says('it is me', { to: owner })
    await messages.until(({ data }) => data.text === 'it is me')
    await send(client, ana.phone, 'hello Ana')
    await ana.hears('hello Ana')
    await send(client, `lid:${bea.lid}`, 'hello Bea')
    await bea.hears('hello Bea')
    expect(await asked()).toEqual([])
  })
})

describe('a lookup that fails', () => {
  const failing = shared(() => startLinkedStory())

  it.each(['hangs', 'nonsense', 500] as const)(
    'has the send wait, which says why and goes out once none fails: %s',
    async how => {
      const { network, client } = failing()
      const ana = await network.phone(`ana ${how}`)
      await network.behaves({ contact_query: how })
      const { lookups } = await network.ledger()
      const { id } = await send(client, ana.phone, 'hello')
      const waits = how === 'hangs' ? 'lookup' : 'lookup_failed'
      const waiting = await comesTo(client, id, ({ waits_for }) => waits_for === waits)
      expect(waiting).toMatchObject({ status: 'accepted', position: 0 })
      if (how !== 'hangs')
        expect(Date.parse(waiting.earliest_at ?? '')).toBeGreaterThan(Date.parse(waiting.accepted_at))
      await network.ledgerWhen(page => page.lookups.length > lookups.length)
      expect(await heardBy(ana)).toEqual([])
      await network.behaves({ contact_query: 'answered' })
      await ana.hears('hello', { withinMs: 30_000 })
    },
    60_000,
  )
})

describe('the budget of lookups', () => {
  it('is twenty an hour: what is more waits for it, and those who were asked for go on', async () => {
    const { network } = story()
    const { client } = await linkedOrg(story(), 'sparing')
    const asked = await askedSince(network)
    const ana = await network.phone('ana of the sparing')
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
    expect(await asked()).toHaveLength(20)
  })

  it('is each org’s own, and so is what was answered', async () => {
    const { network, client } = story()
    const acme = await linkedOrg(story(), 'acme')
    const asked = await askedSince(network)
    const ana = await network.phone('ana of two')
    await send(client, ana.phone, 'from the one')
    await ana.hears('from the one')
    await send(acme.client, ana.phone, 'from the other')
    await ana.hears('from the other')
    expect(await asked()).toEqual([digits(ana.phone), digits(ana.phone)])
  })
})

describe('numbers that are checked', () => {
  it('are answered with the number that WhatsApp has, and beyond the budget those that are known', async () => {
    const { network, host } = story()
    const { client, headers } = await linkedOrg(story(), 'checking')
    const asked = await askedSince(network)
    const [written, has] = another('22223334')
    await network.phone('ana who is checked', { phone: has })
    await spells(network, [written, has])
    const check = (numbers: readonly string[]) =>
      host.request('POST', '/api/v1/contacts/check', { headers, body: { numbers } })
    const ana = { number: written, exists: true, address: has }
    const nobody = { number: '+4915100000000', exists: false, address: null }
    expect(await check([written, '+4915100000000'])).toMatchObject({ status: 200, body: { contacts: [ana, nobody] } })
    const strangers = Array.from({ length: 19 }, (_, n) => `+49151000001${String(n).padStart(2, '0')}`)
    expect((await check(strangers.slice(0, 10))).status).toBe(200)
    const refused = await check([...strangers.slice(10), written])
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'lookup_budget' } } })
    const { error } = refused.body as { error: { retry_at: string; known: { position: number; exists: boolean }[] } }
    expect(Date.parse(error.retry_at) - Date.now()).toBeGreaterThan(3_500_000)
    expect(error.known).toHaveLength(9)
    expect(error.known).toContainEqual({ position: 9, exists: true })
    for (const number of [...strangers, written, has])
      expect(JSON.stringify(refused.body)).not.toContain(digits(number))
    expect(await check([written])).toMatchObject({ status: 200, body: { contacts: [ana] } })
    await expect(client.contacts.check.mutate({ numbers: ['+4915100000999'] })).rejects.toMatchObject({
      data: { httpStatus: 429, error: { code: 'lookup_budget', retry_at: error.retry_at } },
    })
    expect((await check([])).status).toBe(400)
    expect(await asked()).toHaveLength(20)
  })
})

describe('a host that is killed', () => {
  const mortal = shared(() => startLinkedStory())
  const post = (path: string, body: unknown) => mortal().host.request('POST', `/api/v1/${path}`, { body })

  it('between the answer and the send asks nobody again, and says it once', async () => {
    const { network, host } = mortal()
    const asked = await askedSince(network)
    const ana = await network.phone('ana who was checked')
    expect(await post('contacts/check', { numbers: [ana.phone] })).toMatchObject({ status: 200 })
    await host.kill('SIGKILL')
    await host.restart()
    expect(await post('channels/whatsapp/send', { to: ana.phone, text: 'hello' })).toMatchObject({ status: 202 })
    await ana.hears('hello', { withinMs: 30_000 })
    expect(await asked()).toEqual([digits(ana.phone)])
    expect(await heardBy(ana)).toEqual(['hello'])
  }, 60_000)

  it('while WhatsApp is asked asks again, and says it once', async () => {
    const { network, host } = mortal()
    const { lookups } = await network.ledger()
    const ana = await network.phone('ana who is asked for')
    await network.behaves({ contact_query: 'hangs' })
    expect(await post('channels/whatsapp/send', { to: ana.phone, text: 'hello' })).toMatchObject({ status: 202 })
    await network.ledgerWhen(page => page.lookups.length > lookups.length)
    await host.kill('SIGKILL')
    await network.behaves({ contact_query: 'answered' })
    await host.restart()
    await ana.hears('hello', { withinMs: 30_000 })
    expect(await heardBy(ana)).toEqual(['hello'])
  }, 60_000)
})
