import { expect, it } from 'vitest'

import type { WhatsAppClient } from '../../client/client.ts'
import { followPairing } from '../support/events.ts'
import type { PhoneCharacter, RunningNetwork } from '../support/network.ts'
import { given } from '../support/given.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import { link } from '../support/story.ts'

const { nextStory, nextLinkedStory } = storiesInTurn()

type Client = WhatsAppClient['client']

/** A number of an org: the phone it is on, and the account that the phone is linked to. */
type Number = {
  readonly org: string
  readonly client: Client
  readonly account: string
  readonly phone: PhoneCharacter
}

const ACCOUNTS = ['default', 'sales', 'support']
const CONTACTS = 30

/** What is said to a number names it, so that it would be noticed anywhere else. */
const wordsTo = (contact: PhoneCharacter, { phone }: Number): string => `${contact.name} writes to ${phone.name}`

/** Links an org's three numbers at the same time, each with a binding of its own. */
function linkNumbers(network: RunningNetwork, org: string, client: Client): Promise<Number[]> {
  return Promise.all(
    ACCOUNTS.map(async account => {
      const phone = await network.phone(`${org}-${account}`)
      await link(client, phone, account)
      await client.bindings.create.mutate({ agent: 'echo', match_rule: { to: phone.phone } })
      return { org, client, account, phone }
    }),
  )
}

/** What an org is shown of a number is what these people wrote to it, and the answers. */
async function expectListed(number: Number, contacts: readonly PhoneCharacter[]): Promise<void> {
  const { client, account, phone } = number
  const { messages } = await client.whatsapp.messages.list.query({ account, limit: 200 })
  const { bindings } = await client.bindings.list.query()
  const binding = given(bindings.find(({ match_rule }) => match_rule.to === phone.phone)).id
  const inbound = messages.filter(({ direction }) => direction === 'inbound')
  const outbound = messages.filter(({ direction }) => direction === 'outbound')
  const texts = contacts.map(contact => wordsTo(contact, number)).toSorted()
  for (const side of [inbound, outbound]) expect(side.map(({ text }) => text ?? '').toSorted()).toEqual(texts)
  expect(new Set(inbound.map(({ to, binding_id }) => `${to} ${binding_id}`))).toEqual(
    new Set([`${phone.phone} ${binding}`]),
  )
  expect(new Set(outbound.map(({ from }) => from))).toEqual(new Set([phone.phone]))
}

it('two orgs with three numbers each answer thirty contacts at once, who write to all of them, each from the number that was written to, and nothing crosses', async () => {
  await using story = await nextStory()
  const { network, host } = story
  const other = story.clientOf(await host.mintToken('org_b', 'owner'))
  const linked = [linkNumbers(network, 'a', story.client), linkNumbers(network, 'b', other)]
  const numbers = (await Promise.all(linked)).flat()
  const contacts = await Promise.all(Array.from({ length: CONTACTS }, (_, at) => network.phone(`contact-${at}`)))

  const written = contacts.map(async contact => {
    const ids: string[] = []
    for (const number of numbers) ids.push(await contact.says(wordsTo(contact, number), { to: number.phone }))
    return ids
  })
  const ids = (await Promise.all(written)).flat()
  for (const contact of contacts) {
    for (const number of numbers)
      await contact.hears(wordsTo(contact, number), { from: number.phone, withinMs: 60_000 })
    const heard = (await contact.heard()).map(({ text, from }) => `${text} ← ${from.name}`)
    expect(heard.toSorted()).toEqual(
      numbers.map(number => `${wordsTo(contact, number)} ← ${number.phone.name}`).toSorted(),
    )
  }

  for (const number of numbers) {
    await expectListed(number, contacts)
    const onThePhone = (await number.phone.heard()).map(({ text }) => text)
    expect(onThePhone.filter(text => !text.endsWith(` ${number.phone.name}`))).toEqual([])
    expect(await number.phone.devices()).toEqual([1])
  }
  for (const { client, org } of [given(numbers[0]), given(numbers.at(-1))]) {
    const ours = numbers.filter(number => number.org === org)
    const { messages } = await client.whatsapp.messages.list.query({ limit: 200 })
    expect(messages).toHaveLength(Math.min(200, 2 * CONTACTS * ours.length))
    expect(messages.filter(({ text }) => !text?.includes(` ${org}-`))).toEqual([])
    const accounts = (await client.channels.list.query()).channels.flatMap(channel => channel.accounts)
    expect(accounts.map(({ account, phone }) => [account, phone])).toEqual(
      ours.map(({ account, phone }) => [account, phone.phone]),
    )
  }

  const records = await Promise.all(ids.map(id => network.message(id)))
  expect(records.filter(({ deliveries, retries }) => deliveries !== 1 || retries !== 0)).toEqual([])
  const { logins, undecryptable } = await network.ledger()
  expect([logins.length, undecryptable]).toEqual([numbers.length, []])
}, 120_000)

it('a number that another org has linked is refused after the scan, its new device is gone again, and the older one serves on', async () => {
  await using story = await nextLinkedStory()
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  const token = await host.mintToken('org_b', 'owner')
  const other = story.clientOf(token)
  const headers = { authorization: `Bearer ${token}` }
  await other.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  await other.whatsapp.configure.mutate({ fields: {} })
  const { session_id, qr_data_url } = await other.whatsapp.qr.start.mutate()
  using pairing = followPairing(other, session_id)
  expect(await owner.scan(given(qr_data_url))).toEqual({ linked: true, device: 'owner:2' })
  expect(await pairing.until(({ status }) => status !== 'pending')).toEqual({ status: 'conflict' })

  const status = await host.request('GET', `/api/v1/channels/whatsapp/qr/status?session_id=${session_id}`, { headers })
  expect(status).toMatchObject({ status: 409, body: { error: { code: 'number_in_use' } } })
  expect(JSON.stringify(status.body)).not.toMatch(/org_local|\+\d/)
  expect(await owner.devices()).toEqual([1])
  const shown = { account: 'default', phone: null, connection: { status: 'not_paired', reason: 'number_in_use' } }
  expect((await other.channels.list.query()).channels).toMatchObject([{ configured: true, accounts: [shown] }])

  await alice.says('are you there?', { to: owner })
  await alice.hears('are you there?', { from: owner })
  expect((await alice.heard()).length).toBe(1)
  expect((await other.whatsapp.messages.list.query({})).messages).toEqual([])
  expect(host.logs()).not.toContain(owner.phone.slice(1))
})
