import { encodeBinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { startGateway } from '../support/gateway.ts'
import { readable } from '../support/malformed-line.ts'
import { malformedOnes } from '../support/malformed-stanza.ts'
import { startNetwork } from '../support/network.ts'
import { pairingKinds } from '../support/pairing-kinds.ts'

/** The long story has all other kinds of a pairing. */
const EACH = 25

it('malformed offers and ends of a pairing: it goes on or ends with its reason, nothing throws, and a phone can be linked', async () => {
  await using network = await startNetwork()
  await using gateway = await startGateway({ network })
  const [offer, done] = Object.values(pairingKinds())
  if (!offer || !done) throw new TypeError('no kinds')
  await network.faults.door('mute')
  await gateway.open()
  let session = 0
  for (const { stanza } of [...malformedOnes(offer, EACH, { seed: 1 }), ...malformedOnes(done, EACH, { seed: 2 })]) {
    const name = `qrs_${(session += 1)}`
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: name })
    const frames = await readable([stanza, offer].map(each => encodeBinaryNode(each)))
    while ((await network.faults.write(null, frames)) === 0) await network.ledger()
    // The good offer behind it is shown, or the pairing has ended by then.
    await gateway.event(
      each =>
        each.event === 'pairing' && each.session === name && ['pending', 'expired'].includes(each.state.status) && each,
    )
    await gateway.supervisor.call('pairing.stop', { ...gateway.account, session: name })
    await network.ledgerWhen(({ closings }) => closings.length >= session)
  }
  await network.faults.door('open')
  await gateway.link(await network.phone('owner'), 'qrs_last')
  expect(gateway.lines.filter(({ event }) => event === 'unhandled_rejection' || event === 'gateway_down')).toEqual([])
  expect(gateway.readyTimes()).toBe(1)
})
