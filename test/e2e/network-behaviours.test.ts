import { once } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { behaviours } from '../../host-stub/whatsapp/world/behaviours.ts'
import { bareClient, linkedClient } from '../support/network-client.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

const BUILT_IN = 1_043_857_760

it('knows nobody and does as at its start once it is emptied, under the same keys', async () => {
  await using network = await nextNetwork()
  const untouched = await network.ledger()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  await network.group('Team', [owner, await network.phone('alice')])
  await network.behaves({ version_floor_pairings: BUILT_IN + 1 })
  await network.faults.door('refuse')
  await network.show('a code')

  await network.empty()
  expect(await client.closed()).toBe(428)
  expect([await network.phones(), await network.groups(), await network.shown()]).toEqual([[], [], null])
  expect(await network.ledger()).toEqual(untouched)
  const next = await network.phone('owner')
  await using another = await linkedClient(network, next)
  await (await network.phone('alice')).says('hello', { to: next })
  await another.receives(({ message }) => message?.conversation === 'hello')
})

it('names for each of its behaviours who reports it, and when', () => {
  for (const [name, { source }] of Object.entries(behaviours)) expect(source, name).toMatch(/20\d\d-\d\d-\d\d/)
})

it('tells a client until when its version is taken, and that this was withdrawn', async () => {
  await using network = await nextNetwork()
  await using client = await linkedClient(network, await network.phone('owner'))
  const told = async (seconds: number | null): Promise<unknown> => {
    const heard = once(client.socket.ws, 'CB:ib,,client_expiration') as Promise<[BinaryNode]>
    await network.behaves({ client_expiration: seconds })
    const [{ content }] = await heard
    return Array.isArray(content) ? content[0]?.attrs['t'] : undefined
  }
  expect(await told(1_800_000_000)).toBe('1800000000')
  expect(await told(null)).toBeUndefined()
})

it('refuses a version below its floors, for logins and for pairings apart, in the form that is set', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await network.behaves({ version_floor_logins: BUILT_IN + 1 })
  await using linked = bareClient(network)
  linked.connect()
  await owner.scan(await linked.nextCode())
  await linked.closed()
  // Stock Baileys: linked, and never let in.
  for (const version_refusal of ['failure', 'stream_error'] as const) {
    await network.behaves({ version_refusal })
    linked.connect()
    expect(await linked.closed()).toBe(405)
  }
  linked.connect({ version: [2, 3000, BUILT_IN + 1] })
  await linked.opened()

  await network.behaves({ version_floor_pairings: BUILT_IN + 1, version_refusal: 'failure' })
  await using another = bareClient(network)
  another.connect()
  expect(await another.closed()).toBe(405)
  expect(another.codes).toEqual([])
  const { logins, failures } = await network.ledger()
  expect(logins.map(({ revision }) => revision)).toEqual([BUILT_IN + 1])
  expect(failures.map(({ reason, revision }) => [reason, revision])).toEqual(Array(3).fill([405, BUILT_IN]))
})

it('lets a phone refuse an old client without a word to it, and names in its script what is new', async () => {
  await using network = await nextNetwork()
  await network.behaves({ version_floor_pairings: BUILT_IN + 1, outdated_pairings_fail_silently: true })
  await using client = bareClient(network)
  client.connect()
  const owner = await network.phone('owner')
  expect(await owner.scan(await client.nextCode())).toEqual({ linked: false, why: 'client_outdated' })
  expect((await network.ledger()).closings).toEqual([])

  await network.behaves({ version_source: BUILT_IN + 7 })
  const script = await (await fetch(network.versionUrl)).text()
  // The expression by which Baileys reads it (generics.js).
  expect(/\\?"client_revision\\?":\s*(\d+)/.exec(script)?.[1]).toBe(String(BUILT_IN + 7))
})
