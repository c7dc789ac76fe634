import { expect, it } from 'vitest'

import { startGateway } from '../support/gateway.ts'
import { malformedPairings } from '../support/malformed-pairings.ts'
import { startNetwork } from '../support/network.ts'

/** Of each kind; the long story has more. */
const EACH = 4

it('malformed stanzas while a device is linked: it goes on or ends with its reason, nothing throws, and a phone can be linked', async () => {
  await using network = await startNetwork()
  await using gateway = await startGateway({ network })
  await gateway.open()
  expect(await malformedPairings({ network, gateway }, EACH, 1)).toEqual([])
  await gateway.link(await network.phone('owner'), 'qrs_last')
  expect(gateway.lines.filter(({ event }) => event === 'unhandled rejection' || event === 'gateway ended')).toEqual([])
  expect(gateway.readyTimes()).toBe(1)
}, 240_000)
