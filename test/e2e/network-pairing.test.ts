import { toDataURL } from 'qrcode'
import { expect, it } from 'vitest'
import { bareClient } from '../support/network-client.ts'
import { startNetwork } from '../support/network.ts'

it('reads the code from its picture', async () => {
  await using network = await startNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect()
  expect(await owner.scan(await toDataURL(await client.nextCode()))).toEqual({ linked: true, device: 'owner:1' })
  expect(await client.closed()).toBe(515)
  expect((await network.ledger()).pairings).toMatchObject([{ device: 'owner:1' }])
})

it('refuses a code that has been replaced, takes the third one, and offers six', async () => {
  await using network = await startNetwork({ qrValidity: [1200, 1200] })
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
  await using network = await startNetwork({ qrValidity: [300, 300] })
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect({ qrTimeout: 300 })
  expect(await client.closed()).toBe(408)
  expect(client.codes).toHaveLength(6)
  await network.ledgerWhen(({ closings }) => closings.length === 1)
  expect(await owner.scan(client.codes[5] ?? '')).toEqual({ linked: false, why: 'stale_code' })
})

it('refuses a code that was tampered with, and what is no code at all', async () => {
  await using network = await startNetwork()
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
  await using network = await startNetwork()
  const owner = await network.phone('owner')
  await using client = bareClient(network)
  client.connect()
  await network.faults.pairing(owner, 'wrong_hmac')
  expect(await owner.scan(await client.nextCode())).toEqual({ linked: false, why: 'device_refused' })
  expect((await network.ledger()).refusals).toBe(1)
})
