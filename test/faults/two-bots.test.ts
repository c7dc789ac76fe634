import { expect, it } from 'vitest'

import { createWhatsAppClient } from '../../client/client.ts'
import { loopEndResponse, loopListResponse } from '../../plugin/contract/api/loops.ts'
import { commandLine } from '../support/command-line.ts'
import { startHost } from '../support/host-process.ts'
import { link, startLinkedStory } from '../support/story.ts'

it('F41: two hosts whose agents answer each other come to rest, a person sees why, and lets them go on', async () => {
  await using story = await startLinkedStory()
  const { network, client, owner } = story
  await using other = await startHost({ network })
  const there = createWhatsAppClient({ url: other.url, token: other.token })
  try {
    const peer = await network.phone('peer')
    await link(there.client, peer)
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: peer.phone } })
    await there.client.bindings.create.mutate({ agent: 'echo', match_rule: { from: owner.phone } })

    await client.whatsapp.send.mutate({ to: peer.phone, text: 'hello' })
    const hosts = [
      { host: story.host, client, peer: peer.phone },
      { host: other, client: there.client, peer: owner.phone },
    ]
    const suspected = async () =>
      (await Promise.all(hosts.map(async each => ({ ...each, ...(await each.client.loops.list.query()) })))).filter(
        ({ loops }) => loops.length > 0,
      )
    await expect.poll(suspected, { timeout: 60_000 }).toHaveLength(1)
    const [at] = await suspected()
    if (!at) throw new TypeError('one of them came to rest')
    expect(at.loops).toMatchObject([{ chat: at.peer, sign: 'same_text' }])
    const told = async () => (await at.client.whatsapp.messages.list.query({ limit: 200 })).messages
    const held = async () => (await told()).filter(({ outcome }) => outcome === 'unmatched: loop_suspected')
    expect(await held()).toHaveLength(1)
    expect((await told()).filter(({ direction }) => direction === 'outbound').length).toBeLessThanOrEqual(21)
    for (const each of hosts) expect((await each.client.turns.list.query({ status: 'dead_letter' })).turns).toEqual([])

    using cli = commandLine({ AGENTCY_URL: at.host.url, AGENTCY_TOKEN: at.host.token, HOME: at.host.home })
    expect((await cli.told(loopListResponse, ['loops', 'list'])).loops).toMatchObject([{ chat: at.peer }])
    await cli.told(loopEndResponse, ['loops', 'end', at.peer])
    expect(await suspected()).toEqual([])
    const [message] = await held()
    expect(await at.client.bindings.replay.mutate({ message_id: message?.id ?? '' })).toMatchObject({
      outcome: 'matched',
    })
    await expect.poll(suspected, { timeout: 60_000 }).toHaveLength(1)
  } finally {
    await there.close()
  }
}, 150_000)
