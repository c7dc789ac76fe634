import { setTimeout as pass } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { followLink } from '../support/events.ts'
import { chatWith } from '../support/gateway.ts'
import { proxiedTown } from '../support/journal-town.ts'
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

it('F24: a line that is taken and never answered is given up within 40 s, and the next one is good', async () => {
  await using town = await proxiedTown()
  const { proxy, gateway, owner, alice } = town
  await alice.says('anybody there', { to: owner })
  await gateway.supervisor.call('account.close', gateway.account)
  proxy.carryNext({ kind: 'swallow' })
  const after = gateway.events.length
  await gateway.open()
  expect(await gateway.connection('waiting', after, 40_000)).toMatchObject({ permanent: false })
  proxy.carryNext(null)
  await gateway.connection('connected', after)
})

it('F25: a line of 1 kB/s carries what there is to carry, each message once', async () => {
  await using town = await proxiedTown()
  const { proxy, network, gateway, owner, alice } = town
  await gateway.supervisor.call('account.close', gateway.account)
  proxy.carryNext({ kind: 'slow', bytesPerSecond: 1_000 })
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after, 120_000)
  const stanzaIds = Array.from({ length: 10 }, (_each, index) => `3EB0SLOW${index}`)
  const said = stanzaIds.map(id => gateway.say(chatWith(alice), id, id.repeat(50)))
  const heard = await alice.says('meanwhile', { to: owner })
  await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId === heard)
  expect(await Promise.all(said)).toEqual(stanzaIds.map(() => ({ outcome: 'sent' })))
  for (const id of stanzaIds) expect(await network.message(id)).toMatchObject({ transmissions: 1 })
  expect(proxy.lines()).toBe(2 + 1)
})
