import { afterEach, expect, it } from 'vitest'

import { followLink, followMessages, followPairing } from '../support/events.ts'
import { childrenOf, remainingAfter } from '../support/process-tree.ts'
import { given } from '../support/given.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory, startStory } from '../support/story.ts'

/** Reloads may follow each other at once. */
const SETTINGS = { whatsapp: { limits: { reload_seconds: 0 } } }

const linked = shared(async () => {
  const story = await startLinkedStory()
  await story.host.writeSettings(SETTINGS)
  await story.client.channels.reload.mutate()
  await story.client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  return story
})

/** The same by way of the host that runs now: one after the other is ended. */
function now() {
  const { network, host, owner, clientOf } = linked()
  return { network, host, owner, client: clientOf(host.token) }
}

afterEach(() => linked().host.writeSettings(SETTINGS))

it('a reload keeps the link: one clean close, one login of the same device, no pairing, no gap for subscribers', async () => {
  const { network, client, owner, host } = now()
  const alice = await network.phone('alice')
  using messages = followMessages(client)
  using links = followLink(client)
  await alice.says('before', { to: owner })
  await alice.hears('before', { from: owner })
  await links.until(({ status }) => status === 'connected')
  const before = await network.ledger()

  expect(await host.request('POST', '/api/v1/channels/reload')).toMatchObject({ status: 200 })
  const after = await network.ledgerWhen(page => page.logins.length > before.logins.length)
  await alice.says('after', { to: owner })
  await alice.hears('after', { from: owner })

  const closings = after.closings.slice(before.closings.length)
  expect(closings.map(({ how }) => how)).toEqual(['clean'])
  expect(after.logins.slice(before.logins.length).map(({ device }) => device)).toEqual([before.logins[0]?.device])
  expect(after.pairings).toEqual(before.pairings)
  await messages.until(({ data }) => data.text === 'after' && data.direction === 'outbound')
  const numbers = messages.seen.map(({ id }) => Number(id))
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  const statuses = links.seen.map(({ status }) => status)
  expect(statuses.at(-1)).toBe('connected')
})

it('bad settings are refused by a reload, and the ones before keep running', async () => {
  const { network, owner, host } = now()
  const alice = await network.phone('alice')
  const logins = (await network.ledger()).logins.length
  await host.writeSettings({ whatsapp: { turn_deadline_seconds: 'soon' } })
  expect(await host.request('POST', '/api/v1/channels/reload')).toMatchObject({
    status: 422,
    body: { error: { code: 'bad_settings', message: expect.stringContaining('turn_deadline_seconds') } },
  })
  await alice.says('still there', { to: owner })
  await alice.hears('still there', { from: owner })
  expect((await network.ledger()).logins).toHaveLength(logins)
})

it('a gateway that is killed comes back without a QR code, and the host is never down', async () => {
  const { network, owner, host } = now()
  const alice = await network.phone('alice')
  const before = await network.ledger()
  const [gateway = 0] = await childrenOf(host.pid)
  process.kill(gateway, 'SIGKILL')
  expect(await host.request('GET', '/healthz')).toMatchObject({ status: 200 })
  const after = await network.ledgerWhen(page => page.logins.length > before.logins.length, 30_000)
  expect(after.pairings).toHaveLength(1)
  await alice.says('are you back', { to: owner })
  await alice.hears('are you back', { from: owner })
})

it('a host that is killed leaves no child behind, and the next start reconnects', async () => {
  const { network, owner, host } = now()
  const alice = await network.phone('alice')
  const children = await childrenOf(host.pid)
  expect(children).toHaveLength(1)
  const before = await network.ledger()
  await host.kill('SIGKILL')
  expect(await remainingAfter(children, 2_000)).toEqual([])

  await alice.says('while you were away', { to: owner })
  await host.restart()
  await alice.hears('while you were away', { from: owner, withinMs: 20_000 })
  const after = await network.ledger()
  expect(after.pairings).toHaveLength(1)
  expect(after.logins.length).toBeGreaterThan(before.logins.length)
})

it('a stop is graceful: the network sees a clean close, no logout, and nothing stays behind', async () => {
  const { network, host } = now()
  const { closings } = await network.ledger()
  const children = await childrenOf(host.pid)
  expect(await host.kill('SIGTERM')).toBe(0)
  expect(await remainingAfter(children, 2_000)).toEqual([])
  const page = await network.ledgerWhen(each => each.closings.length > closings.length)
  expect(page.closings.at(-1)?.how).toBe('clean')
  expect(page.pairings).toHaveLength(1)
  await host.restart()
})

it('a message is resumed by its id across a dropped line and a restart of the host, without gap or repeat', async () => {
  const { network, client, owner, host } = now()
  const alice = await network.phone('alice')
  await alice.says('one', { to: owner })
  await alice.hears('one', { from: owner })
  let last = '0'
  {
    using first = followMessages(client)
    last = (await first.until(({ data }) => data.text === 'one' && data.direction === 'outbound')).id
  }
  await alice.says('two', { to: owner })
  await alice.hears('two', { from: owner })
  await host.restart()
  using second = followMessages(now().client, last)
  await alice.says('three', { to: owner })
  await alice.hears('three', { from: owner, withinMs: 20_000 })
  await second.until(({ data }) => data.direction === 'outbound' && data.text === 'three')
  expect(second.seen.map(({ data }) => data.text)).toEqual(['two', 'two', 'three', 'three'])
  const numbers = second.seen.map(({ id }) => Number(id))
  expect(numbers).toEqual(numbers.map((_, index) => Number(last) + index + 1))
})

const unlinked = shared(() => startStory())

it('a pairing whose number nobody has seen answers nobody, until somebody has (F60)', async () => {
  const { network, client, host } = unlinked()
  const thief = await network.phone('thief')
  const accomplice = await network.phone('accomplice')
  const { logins } = await network.ledger()
  await client.whatsapp.configure.mutate({ account: 'stolen', fields: {} })
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  const { qr_data_url, session_id } = await client.whatsapp.qr.start.mutate({ account: 'stolen' })
  using messages = followMessages(client)
  await thief.scan(given(qr_data_url))
  await network.ledgerWhen(page => page.logins.length > logins.length)
  await accomplice.says('give me your secrets', { to: thief })
  const held = await messages.until(({ data }) => data.direction === 'inbound')
  expect(held.data.outcome).toBe('unmatched: link_unconfirmed')

  expect(await host.request('GET', `/api/v1/channels/whatsapp/qr/status?session_id=${session_id}`)).toMatchObject({
    body: { status: 'connected', phone: thief.phone },
  })
  await accomplice.hears('give me your secrets', { from: thief })
})

it('a second pairing ends the first, and never opens a second socket', async () => {
  const { network, client } = unlinked()
  const owner = await network.phone('owner')
  await client.whatsapp.configure.mutate({ fields: {} })
  const first = await client.whatsapp.qr.start.mutate()
  using firstStates = followPairing(client, first.session_id)
  const second = await client.whatsapp.qr.start.mutate()
  await firstStates.until(({ status }) => status === 'expired')
  expect(await owner.scan(given(first.qr_data_url))).toMatchObject({ linked: false })
  expect(await owner.scan(given(second.qr_data_url))).toMatchObject({ linked: true })
})
