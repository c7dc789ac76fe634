import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Behaviours } from '../../host-stub/whatsapp/world/behaviours.ts'
import type { RunningNetwork } from '../support/network.ts'
import { linkedClient } from '../support/network-client.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

const PAGES = { offline_pages: { primer: 5, page: 20, live: 'at_the_end' } } as const

/** The owner's device is away while so much is said, and comes back to a network that behaves so. */
async function awayFor(
  network: RunningNetwork,
  { texts = [], ...behaviours }: Partial<Behaviours> & { texts?: readonly string[] },
) {
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  const client = await linkedClient(network, owner)
  await client.socket.end(undefined)
  await client.closed()
  for (const text of texts) await alice.says(text, { to: owner })
  await network.behaves(behaviours)
  client.connect()
  await client.opened()
  return client
}

describe('what stock Baileys makes of WhatsApp as it is reported to be', () => {
  it('leaves all but the first page lying: it asks once', async () => {
    await using network = await nextNetwork()
    const texts = Array.from({ length: 40 }, (_each, index) => `while away ${index}`)
    await using client = await awayFor(network, { ...PAGES, texts })
    await network.ledgerWhen(page => page.queued['owner:1'] === 15)
    await client.socket.query({
      tag: 'iq',
      attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' },
      content: [{ tag: 'ping', attrs: {} }],
    })
    const { pages_asked: asked, queued } = await network.ledger()
    expect(asked.map(({ count }) => count)).toEqual([100])
    expect(queued['owner:1']).toBe(15)
  })

  it('answers for no <status>, and its stream is ended for that', async () => {
    await using network = await nextNetwork()
    await using client = await awayFor(network, { status_tag: 'status', owed_answer_ends_stream_s: 2 })
    const received = once(client.socket.ws, 'CB:status')
    await network.faults.stuckStatus(await network.phone('owner'), await network.phone('alice'))
    await received
    expect(await client.closed()).toBeGreaterThan(0)
    expect((await network.ledger()).queued['owner:1']).toBe(1)
  })

  it('answers no ping of the server', async () => {
    await using network = await nextNetwork()
    await using client = await awayFor(network, { server_pings_s: 1 })
    expect(await client.closed()).toBe(503)
    expect((await network.ledger()).pongs).toBe(0)
  })

  it('shows the routing that it was told before its first frame, and never in its address', async () => {
    await using network = await nextNetwork()
    await using _client = await awayFor(network, { requires_routing: true })
    const { logins } = await network.ledger()
    expect(logins.at(-1)?.routing).toEqual({ prefix: '000000000001', address: null })
  })
})
