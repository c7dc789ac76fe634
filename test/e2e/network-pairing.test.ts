import type { BinaryNode } from '@whiskeysockets/baileys'
import { toDataURL } from 'qrcode'
import { expect, it } from 'vitest'
import { bareClient, type BareClient } from '../support/network-client.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

it('reads the code from its picture', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect()
  expect(await owner.scan(await toDataURL(await client.nextCode()))).toEqual({ linked: true, device: 'owner:1' })
  expect(await client.closed()).toBe(515)
  expect((await network.ledger()).pairings).toMatchObject([{ device: 'owner:1' }])
})

it('refuses a code that has been replaced, takes the third one, and offers six', async () => {
  await using network = await nextNetwork({ qrValidity: [1200, 1200] })
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect({ qrTimeout: 1200 })
  const first = await client.nextCode()
  await client.nextCode()
  const third = await client.nextCode()
  expect(await owner.scan(first)).toEqual({ linked: false, why: 'stale_code' })
  expect(await owner.scan(third)).toMatchObject({ linked: true })
})

it('lets the codes run out', async () => {
  await using network = await nextNetwork({ qrValidity: [300, 300] })
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect({ qrTimeout: 300 })
  expect(await client.closed()).toBe(408)
  expect(client.codes).toHaveLength(6)
  await network.ledgerWhen(({ closings }) => closings.length === 1)
  expect(await owner.scan(client.codes[5] ?? '')).toEqual({ linked: false, why: 'stale_code' })
})

it('refuses a code that was tampered with, and what is no code at all', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect()
  const [ref, noise, identity, secret, platform] = (await client.nextCode()).split(',')
  expect(await owner.scan([ref, identity, noise, secret, platform].join(','))).toEqual({
    linked: false,
    why: 'forged_code',
  })
  expect(await owner.scan('https://example.org')).toEqual({ linked: false, why: 'unreadable_code' })
})

it('shows a client an account whose secret is wrong, which even the bare client refuses', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect()
  await network.faults.pairing(owner, 'wrong_hmac')
  expect(await owner.scan(await client.nextCode())).toEqual({ linked: false, why: 'device_refused' })
  expect((await network.ledger()).refusals).toBe(1)
})

it('links by a code that was typed in small letters, and by no other', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect()
  const code = await codeOf(client, owner)
  expect(await owner.entersCode(code.replace(/^./, first => (first === '2' ? '3' : '2')))).toEqual({
    linked: false,
    why: 'wrong_code',
  })
  expect(await owner.entersCode(`${code.slice(0, 4)} - ${code.slice(4).toLowerCase()}`)).toMatchObject({ linked: true })
  expect(await client.closed()).toBe(515)
  client.connect()
  await client.opened()
})

it('refuses a code whose time is over, though its client still waits', async () => {
  await using network = await nextNetwork({ qrValidity: [1, 1] })
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect({ qrTimeout: 600_000 })
  expect(await owner.entersCode(await codeOf(client, owner))).toEqual({ linked: false, why: 'stale_code' })
})

it('gives no code to a browser that nobody knows', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect({ browser: ['Agentcy', 'Chrome', '1.0'] })
  await expect(codeOf(client, owner)).rejects.toThrow('400')
})

/** Asks for a code and waits until the network has taken it, or fails with what it was refused with. */
async function codeOf(client: BareClient, { phone }: PhoneCharacter): Promise<string> {
  await client.nextCode()
  const answered = new Promise<void>((resolve, reject) => {
    client.socket.ws.on('CB:iq,,link_code_companion_reg', () => resolve())
    client.socket.ws.on('CB:iq,,error', (iq: BinaryNode) => reject(new Error(JSON.stringify(iq.content))))
  })
  const [code] = await Promise.all([client.socket.requestPairingCode(phone.slice(1)), answered])
  return code
}

it('asks for a passkey, which the bare client never hears of: its codes run out, and nothing is linked', async () => {
  await using network = await nextNetwork({ qrValidity: [1_000, 300] })
  const owner = await network.phone('owner')
  await network.behaves({ passkey_before_linking: true })
  await using client = bareClient(network)
  client.connect({ qrTimeout: 300 })
  expect(await owner.scan(await client.nextCode())).toEqual({ linked: false, why: 'passkey_demanded' })
  expect(await client.closed()).toBe(408)
  const { pairings, passkeys } = await network.ledger()
  expect([pairings, passkeys]).toEqual([[], []])
})
