import { setTimeout as pass } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { followLink } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

it('F24: with the real ping, a network that falls silent is noticed within 40 s and waited out', async () => {
  await using story = await startLinkedStory()
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  using links = followLink(client)
  await links.until(({ status }) => status === 'connected')
  await network.faults.silence(owner)
  await links.until(({ status, reason }) => status === 'waiting' && reason === 'connection_lost', 40_000)
  await client.whatsapp.send.mutate({ to: alice.phone, text: 'back again' })
  await alice.hears('back again', { from: owner, withinMs: 20_000 })
})

it('F25: a send whose ack takes 90 s stays what it is, and is written once', async () => {
  await using story = await startLinkedStory()
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  await network.faults.send(owner, { ack: 'hold', deliver: true })
  const { id } = await client.whatsapp.send.mutate({ to: alice.phone, text: 'slowly' })
  const heard = await alice.hears('slowly', { from: owner })
  await pass(90_000)
  expect(await client.whatsapp.sends.get.query({ id })).not.toMatchObject({ status: 'sent' })
  expect(await network.message(heard.id)).toMatchObject({ transmissions: 1, acks: [] })
  expect(await network.faults.releaseAcks(owner)).toBe(1)
  await network.messageWhen(heard.id, ({ acks }) => acks.length === 1)
  await expect.poll(async () => (await client.whatsapp.sends.get.query({ id })).status).toMatch(/^(sent|delivered)$/)
  expect(await network.message(heard.id)).toMatchObject({ transmissions: 1 })
})
