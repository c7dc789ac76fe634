import { once } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { behaviours } from '../../host-stub/whatsapp/behaviours.ts'
import { linkedClient } from '../support/network-client.ts'
import { startNetwork } from '../support/network.ts'

it('names for each of its behaviours who reports it, and when', () => {
  for (const [name, { source }] of Object.entries(behaviours)) expect(source, name).toMatch(/20\d\d-\d\d-\d\d/)
})

it('tells a client until when its version is taken, and that this was withdrawn', async () => {
  await using network = await startNetwork()
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
