import { expect, it } from 'vitest'

import { createWhatsAppClient } from '../../client/client.ts'
import { startHost } from '../support/host-process.ts'
import { link, startLinkedStory } from '../support/story.ts'

it('F41: two hosts whose agents answer each other come to rest, and a person sees why', async () => {
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
    const letters = async () => {
      const lists = [client, there.client].map(each => each.turns.list.query({ status: 'dead_letter' }))
      return (await Promise.all(lists)).flatMap(({ turns }) => turns)
    }
    await expect.poll(letters, { timeout: 60_000 }).toMatchObject([{ code: 'reply_cap', attempt: 1 }])
    const said = [...(await client.whatsapp.messages.list.query({ limit: 200 })).messages]
    expect(said.filter(({ direction }) => direction === 'outbound').length).toBeLessThanOrEqual(11)
    expect(said.filter(({ direction }) => direction === 'inbound').length).toBeLessThanOrEqual(11)
  } finally {
    await there.close()
  }
}, 90_000)
