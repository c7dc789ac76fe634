import { describe, expect, it } from 'vitest'

import { hearsFrom, killAndReturn, wireOf } from '../support/addressing.ts'
import { chatWith, type RunningGateway } from '../support/gateway.ts'
import { isText, messageIn } from '../support/journal-entries.ts'
import { townsInTurn } from '../support/journal-town.ts'
import type { PhoneCharacter, RunningNetwork } from '../support/network.ts'

const nextTown = townsInTurn()

const SENT = { outcome: 'sent' }

const say = (gateway: RunningGateway, who: PhoneCharacter, id: string) => gateway.say(chatWith(who), id, `reply ${id}`)

describe('a reply that is refused for want of a token', () => {
  it('goes again when the token comes 300 ms after the message', async () => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await network.behaves({ token_required: true, token_comes_by: 'notification', token_delay_ms: 300 })
    await hearsFrom(town, alice, { by: 'lid' })
    expect(await say(gateway, alice, 'A1')).toEqual(SENT)
    expect(['lid tctoken', 'lid,lid tctoken']).toContain(String(await wireOf(town, 'A1')))
  })

  it('goes again when the token comes after the refusal', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    await network.behaves({ token_required: true })
    await hearsFrom(town, alice, { by: 'lid' })
    const said = say(gateway, alice, 'A1')
    await network.messageWhen('A1', ({ acks }) => acks.length === 1)
    await network.behaves({ token_comes_by: 'notification' })
    await alice.says('are you there?', { to: owner })
    expect(await said).toEqual(SENT)
    expect(await wireOf(town, 'A1')).toEqual(['lid', 'lid tctoken'])
  })

  it('asks for it, and goes again with the answer', async () => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await network.behaves({ token_required: true, token_comes_by: 'issuance' })
    await hearsFrom(town, alice, { by: 'lid' })
    expect(await say(gateway, alice, 'A1')).toEqual(SENT)
    expect(await wireOf(town, 'A1')).toEqual(['lid', 'lid tctoken'])
    expect(await say(gateway, alice, 'A2')).toEqual(SENT)
    expect(await wireOf(town, 'A2')).toEqual(['lid tctoken'])
  })

  it.each(['message', 'notification'] as const)('never is when it came by %s, also after a restart', async by => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await network.behaves({ token_required: true, token_comes_by: by })
    await hearsFrom(town, alice, { by: 'lid' })
    await killAndReturn(town)
    expect(await say(gateway, alice, 'A1')).toEqual(SENT)
    expect(await wireOf(town, 'A1')).toEqual(['lid tctoken'])
  })

  it('goes to the other address at once when the token went along, and stays there', async () => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await network.behaves({ token_required: true, token_comes_by: 'message', refused_addresses: { alice: 'pn' } })
    await hearsFrom(town, alice, { by: 'pn' })
    const before = performance.now()
    expect(await say(gateway, alice, 'A1')).toEqual(SENT)
    expect(performance.now() - before).toBeLessThan(5_000)
    expect(await wireOf(town, 'A1')).toEqual(['pn tctoken', 'lid tctoken'])
    expect(await say(gateway, alice, 'A2')).toEqual(SENT)
    expect(await wireOf(town, 'A2')).toEqual(['lid tctoken'])
  })

  it('is no more than written twice when the gateway is killed in between, and finds the token that came meanwhile', async () => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await network.behaves({ token_required: true })
    await hearsFrom(town, alice, { by: 'lid' })
    const { supervisor, account } = gateway
    const content = { kind: 'text', text: 'reply A1' } as const
    const { bytes } = await supervisor.call('message.render', {
      ...account,
      content,
      chat: chatWith(alice),
      file: null,
    })
    const transmission = { ...account, chat: chatWith(alice), stanzaId: 'A1', bytes, class: 'reply' } as const
    expect(await supervisor.call('message.transmit', transmission)).toMatchObject({ outcome: 'deferred' })
    await network.behaves({ token_comes_by: 'message' })
    await killAndReturn(town)
    await alice.says('and one thing more', { to: town.owner, addressedBy: 'lid' })
    await messageIn(gateway, isText('and one thing more'))
    expect(await say(gateway, alice, 'A1')).toEqual(SENT)
    expect(await wireOf(town, 'A1')).toEqual(['lid', 'lid tctoken'])
    await alice.hears('reply A1')
    expect((await alice.heard()).map(({ text }) => text)).toEqual(['reply A1'])
  })
})

describe('a first message to somebody who never wrote', () => {
  const cold = { kind: 'text', text: 'good day', as: 'cold' } as const

  it.each(['history', 'app_state'] as const)(
    'carries a token that is made with the salt of the %s, also after a restart',
    async by => {
      const before = (network: RunningNetwork) => network.behaves({ nct_salt_comes_by: by, token_required: true })
      await using town = await nextTown({ before })
      const { network, gateway, alice, bob } = town
      await network.ledgerWhen(page => page.queued['owner:1'] === 0)
      // What the app state says is taken in behind its query, and nothing tells of it: until then there is no token.
      const carol = await network.phone('carol')
      let tries = 0
      const isMade = async (): Promise<boolean> => {
        await gateway.say(chatWith(carol, 'lid'), `C${(tries += 1)}`, cold)
        return (await wireOf(town, `C${tries}`))[0] === 'lid cstoken'
      }
      await expect.poll(isMade, { timeout: 15_000 }).toBe(true)
      expect(await gateway.say(chatWith(alice), 'A1', cold)).toEqual(SENT)
      await killAndReturn(town)
      expect(await gateway.say(chatWith(bob), 'B1', cold)).toEqual(SENT)
      for (const id of ['A1', 'B1']) expect(await wireOf(town, id)).toEqual(['lid cstoken'])
      for (const phone of [alice, bob]) await phone.hears('good day')
    },
  )

  it('goes again at the LID that was learned meanwhile, with that token', async () => {
    const before = (network: RunningNetwork) => network.behaves({ nct_salt_comes_by: 'history', token_required: true })
    await using town = await nextTown({ before })
    const { network, gateway, alice } = town
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    expect(await gateway.say(chatWith(alice, 'phone'), 'A1', cold)).toEqual(SENT)
    expect(await wireOf(town, 'A1')).toEqual(['pn', 'lid cstoken'])
  })

  it('is refused at once without a salt, where there is no other address', async () => {
    const before = (network: RunningNetwork) => network.behaves({ token_required: true })
    await using town = await nextTown({ before })
    const { gateway, alice } = town
    expect(await gateway.say(chatWith(alice, 'lid'), 'A1', cold)).toEqual({ outcome: 'rejected', code: 463 })
    expect(await wireOf(town, 'A1')).toEqual(['lid'])
  })
})

it('a token that came with the history goes along with the first reply, and none is made', async () => {
  const before = async (network: RunningNetwork) => {
    const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
    await alice.says('before you were linked', { to: owner })
    await network.behaves({ nct_salt_comes_by: 'history', history_has_tokens: true, token_required: true })
  }
  await using town = await nextTown({ before })
  const { network, gateway, alice } = town
  await network.ledgerWhen(page => page.queued['owner:1'] === 0)
  expect(await say(gateway, alice, 'A1')).toEqual(SENT)
  expect(await wireOf(town, 'A1')).toEqual(['lid tctoken'])
})
