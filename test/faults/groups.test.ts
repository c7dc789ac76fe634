import { describe, expect, it } from 'vitest'

import type { Chat, GroupId } from '../../plugin/contract/ids.ts'
import { townsInTurn, type JournalTown } from '../support/journal-town.ts'
import type { GroupCharacter } from '../support/network.ts'

const nextTown = townsInTurn()

const chatIn = ({ id }: GroupCharacter): Chat => ({ kind: 'group', group: id as GroupId })

const asked = async ({ network }: JournalTown): Promise<number> => (await network.ledger()).queries['w:g2'] ?? 0

describe('F44: who is in a group', () => {
  it('is asked once for many messages, also at the same time, and followed when members come and go', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const carol = await network.phone('carol')
    const team = await network.group('Team', [owner, alice, bob])
    const say = (text: string, index: number) => gateway.say(chatIn(team), `3EB0${index}`, text)
    const texts = ['one', 'two', 'three', 'four', 'five']
    expect(await Promise.all(texts.map(say))).toEqual(texts.map(() => ({ outcome: 'sent' })))
    expect(await asked(town)).toBe(1)

    await network.changeGroup(team, { add: [carol], remove: [bob] })
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    expect(await say('welcome', 5)).toEqual({ outcome: 'sent' })
    await carol.hears('welcome')
    await alice.hears('welcome')
    expect((await bob.heard()).map(({ text }) => text).toSorted()).toEqual(texts.toSorted())
    expect(await asked(town)).toBe(1)
    expect((await network.ledger()).undecryptable).toEqual([])
  })

  it('is not asked again when WhatsApp says that it is too much, and known groups are spoken in all the same', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const known = await network.group('Known', [owner, alice, bob])
    const others = [await network.group('Second', [owner, alice]), await network.group('Third', [owner, bob])]
    expect(await gateway.say(chatIn(known), '3EB0A', 'before')).toEqual({ outcome: 'sent' })
    await network.faults.groupQuery(429)
    for (let round = 0; round < 3; round++) {
      for (const [index, group] of others.entries()) {
        expect(await gateway.say(chatIn(group), `3EB0B${index}`, 'unheard')).toEqual({ outcome: 'unknown' })
      }
      expect(await gateway.say(chatIn(known), `3EB0C${round}`, `meanwhile ${round}`)).toEqual({ outcome: 'sent' })
      await alice.hears(`meanwhile ${round}`)
    }
    expect(await asked(town)).toBe(2)
    expect(await network.message('3EB0B0')).toMatchObject({ transmissions: 0 })
  })
})
