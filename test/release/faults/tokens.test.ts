import { expect, it } from 'vitest'

import { hearsFrom, wireOf } from '../../support/addressing.ts'
import { chatWith, type RunningGateway } from '../../support/gateway.ts'
import { journalTown } from '../../support/journal-town.ts'
import type { PhoneCharacter } from '../../support/network.ts'

const SENT = { outcome: 'sent' }

const say = (gateway: RunningGateway, who: PhoneCharacter, id: string) => gateway.say(chatWith(who), id, `reply ${id}`)

it('a reply without a token is final after ten seconds without one, and holds up nobody else', async () => {
  await using town = await journalTown()
  const { network, gateway, alice, bob } = town
  await network.behaves({ token_required: true, token_comes_by: 'message', usernames: { alice: 'alice.a' } })
  await hearsFrom(town, bob, { by: 'lid' })
  await network.behaves({ token_comes_by: 'nothing' })
  await hearsFrom(town, alice, { by: 'lid' })
  const refused = gateway.say(chatWith(alice, 'lid'), 'A1', 'to nobody')
  await network.messageWhen('A1', ({ acks }) => acks.length === 1)
  expect(await say(gateway, bob, 'B1')).toEqual(SENT)
  expect(await refused).toEqual({ outcome: 'rejected', code: 463 })
  expect(await wireOf(town, 'A1')).toEqual(['lid'])
})
