import { describe, expect, it } from 'vitest'

import { bundleFaults } from '../../host-stub/whatsapp/world/faults.ts'
import { parseGroupId, type Chat } from '../../plugin/contract/ids.ts'
import { chatWith } from '../support/gateway.ts'
import { townsInTurn } from '../support/journal-town.ts'
import { given } from '../support/given.ts'

const nextTown = townsInTurn()

const FIRST = '3EB0AAAAAAAAAAAAAAAAAA'
const SECOND = '3EB0BBBBBBBBBBBBBBBBBB'
const NOBODY = { outcome: 'rejected', code: null, reason: 'no_recipient_device' }

/** As `+…` is told to the network's switches. */
const digitsOf = ({ phone }: { phone: string }): string => phone.slice(1)

describe('a message that no device of its recipient could read', () => {
  it.each(['phone', 'both', 'lid'] as const)(
    'is not written while WhatsApp lists none, addressed by %s, and is once it does',
    async by => {
      await using town = await nextTown()
      const { network, gateway, alice } = town
      await network.behaves({ deviceless: [digitsOf(alice)] })
      expect(await gateway.say(chatWith(alice, by), FIRST, 'into the void')).toEqual(NOBODY)
      expect((await network.message(FIRST)).transmissions).toBe(0)
      await network.behaves({ deviceless: [] })
      expect(await gateway.say(chatWith(alice, by), SECOND, 'there you are')).toEqual({ outcome: 'sent' })
      await alice.hears('there you are')
      expect((await alice.heard()).map(({ text }) => text)).toEqual(['there you are'])
    },
  )

  it.each(bundleFaults)('is not written while there are no keys for any: %s', async fault => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await network.faults.bundle(alice, 0, fault)
    expect(await gateway.say(chatWith(alice), FIRST, 'into the void')).toEqual(NOBODY)
    expect((await network.message(FIRST)).transmissions).toBe(0)
    await network.faults.bundle(alice, 0, null)
    expect(await gateway.say(chatWith(alice), SECOND, 'there you are')).toEqual({ outcome: 'sent' })
    await alice.hears('there you are')
  })
})

describe('a group in which one has no device', () => {
  it.each(['lid', 'pn'] as const)('has what is said there all the same, addressed by %s', async addressingMode => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const { id } = await network.group('crew', [owner, alice], { addressingMode })
    const crew: Chat = { kind: 'group', group: given(parseGroupId(id)) }
    expect(await gateway.say(crew, FIRST, 'for the two of us')).toEqual({ outcome: 'sent' })
    await alice.hears('for the two of us')
    // He is the only one who has no sender key yet: what is encrypted for him alone is for nobody.
    await network.faults.bundle(bob, 0, 'refused')
    await network.changeGroup({ id, subject: 'crew' }, { by: owner, add: [bob] })
    expect(await gateway.say(crew, SECOND, 'for those who can read')).toEqual({ outcome: 'sent' })
    await alice.hears('for those who can read')
  })

  it('is told of to nobody: WhatsApp lists no device of theirs', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const { id } = await network.group('crew', [owner, alice, bob])
    await network.behaves({ deviceless: [digitsOf(bob)] })
    const crew: Chat = { kind: 'group', group: given(parseGroupId(id)) }
    expect(await gateway.say(crew, FIRST, 'for those who can read')).toEqual({ outcome: 'sent' })
    await alice.hears('for those who can read')
    expect(await bob.heard()).toEqual([])
  })
})
