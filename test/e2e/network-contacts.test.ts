import { expect, it } from 'vitest'
import { linkedClient } from '../support/network-client.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

const SPELLED = '5511987654321'
const BRAZIL = { contact_spellings: { [SPELLED]: '551187654321' } }

it('names of a spelled number the one that WhatsApp has, and counts who was asked for', async () => {
  await using network = await nextNetwork()
  await using client = await linkedClient(network, await network.phone('owner'))
  await network.phone('ana', { phone: '+551187654321' })
  await network.behaves(BRAZIL)
  const found = await client.socket.onWhatsApp(SPELLED)
  expect(found).toEqual([{ jid: '551187654321@s.whatsapp.net', exists: true }])
  expect(await client.socket.onWhatsApp('5511900000000')).toEqual([])
  expect((await network.ledger()).lookups.map(({ numbers }) => numbers)).toEqual([[SPELLED], ['5511900000000']])
})

it('takes what stock Baileys writes to a spelling as sent, and brings it to nobody', async () => {
  await using network = await nextNetwork()
  await using client = await linkedClient(network, await network.phone('owner'))
  const ana = await network.phone('ana', { phone: '+551187654321' })
  await network.behaves({ ...BRAZIL, acks_unknown: true })
  const message = await client.socket.sendMessage(`${SPELLED}@s.whatsapp.net`, { text: 'Bom dia' })
  const id = message?.key.id ?? ''
  await network.messageWhen(id, ({ acks }) => acks.length > 0)
  expect((await network.message(id)).acks).toEqual(['ok'])
  expect(await ana.heard()).toEqual([])
})

it('takes what stock Baileys writes to somebody without devices as sent, though it is encrypted for none of them', async () => {
  await using network = await nextNetwork()
  await using client = await linkedClient(network, await network.phone('owner'))
  const ana = await network.phone('ana', { phone: '+551187654321' })
  await network.behaves({ deviceless: ['551187654321'] })
  const message = await client.socket.sendMessage('551187654321@s.whatsapp.net', { text: 'Bom dia' })
  const id = message?.key.id ?? ''
  await network.messageWhen(id, ({ acks }) => acks.length > 0)
  expect((await network.message(id)).acks).toEqual(['ok'])
  expect(await ana.heard()).toEqual([])
})

it('fails a lookup in each way that is reported', async () => {
  await using network = await nextNetwork()
  await using client = await linkedClient(network, await network.phone('owner'), { defaultQueryTimeoutMs: 500 })
  await network.behaves({ contact_query: 429 })
  await expect(client.socket.onWhatsApp(SPELLED)).rejects.toThrow('refused')
  await network.behaves({ contact_query: 'nonsense' })
  expect(await client.socket.onWhatsApp(SPELLED)).toEqual([])
  await network.behaves({ contact_query: 'hangs' })
  expect(await client.socket.onWhatsApp(SPELLED).catch(() => undefined)).toBeUndefined()
})
