import { describe, expect, it } from 'vitest'

import { journalTown } from '../support/journal-town.ts'

describe('F36: a status that nobody can decrypt, at the head of the queue', () => {
  it.each(['waiting for a login', 'live'])('holds nothing up: %s', async when => {
    await using town = await journalTown()
    const { network, gateway, owner, alice, bob } = town
    if (when !== 'live') await gateway.supervisor.call('account.close', gateway.account)
    const status = await network.faults.stuckStatus(owner, alice)
    const id = await bob.says('behind it', { to: owner })
    await gateway.open()
    await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId === id)
    expect(await network.message(status)).toMatchObject({ deliveries: 1, settlements: 1, errors: [], retries: 0 })
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
  })
})
