import { describe, expect, it } from 'vitest'

import type { Person } from '../../plugin/contract/ids.ts'
import { listMessages } from '../../plugin/store/messages/messages.ts'
import { followMessages } from '../support/events.ts'
import { inboxOf, queuedTexts } from '../support/inbox.ts'
import type { Heard, PhoneCharacter } from '../support/network.ts'
import { signalPair } from '../support/signal-pair.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  GROUP,
  ORG,
  byLid,
  byPhone,
  direct,
  given,
  linkedStore,
  textFrom,
} from '../support/store.ts'
import { outcomes } from '../support/turns.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextLinkedStory } = storiesInTurn()

const answersTo = async (phone: PhoneCharacter, owner: PhoneCharacter): Promise<string[]> =>
  (await phone.heard()).filter(({ from, own }: Heard) => from.name === owner.name && !own).map(({ text }) => text)

describe('F39: a person who is named by the number now and by the LID then', () => {
  it('stays in one chat before one binding, and is answered once each, in a chat of two', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    const binding = await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    using messages = followMessages(client)
    const said = [
      { text: 'by number', addressedBy: 'pn' },
      { text: 'by lid', addressedBy: 'lid' },
      { text: 'by number again', addressedBy: 'pn' },
      { text: 'by nothing but the lid', addressedBy: 'lid', revealAlternate: false },
      { text: 'by nothing but the number', addressedBy: 'pn', revealAlternate: false },
    ] as const
    for (const { text, ...by } of said) {
      await alice.says(text, { to: owner, ...by })
      await alice.hears(text, { from: owner })
      const { data } = await messages.until(each => each.data.text === text && each.data.direction === 'inbound')
      expect(data).toMatchObject({ chat: alice.phone, from: alice.phone, outcome: 'matched', binding_id: binding.id })
    }
    expect(await answersTo(alice, owner)).toEqual(said.map(({ text }) => text))
  })

  it('is the same person in a group that shows its members by LID alone, once the number was learned', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    // Otherwise it says under which LID she has that number as soon as a rule names it.
    await network.behaves({ contact_query: 'nonsense' })
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    const team = await network.group('Team', [owner, alice, bob], { revealsAlternates: false })
    using messages = followMessages(client)
    await alice.says('who am I', { to: team, revealAlternate: false })
    const held = await messages.until(({ data }) => data.text === 'who am I')
    expect(held.data).toMatchObject({ outcome: 'unmatched: identity_unknown', from: `lid:${alice.lid}` })
    await alice.says('it is me', { to: owner })
    for (const text of ['who am I', 'it is me']) await alice.hears(text, { from: owner })
    await alice.says('and here', { to: team, revealAlternate: false })
    await bob.hears('and here', { from: owner })
    expect((await answersTo(alice, owner)).toSorted()).toEqual(['and here', 'it is me', 'who am I'])
  })
})

const from = (sender: Person, text: string) => textFrom(sender, text, { chat: direct(sender) })

const listed = async (store: Parameters<typeof outcomes>[0]) =>
  listMessages(store.connection, ORG, { after: 0, limit: 100 })

describe('F39: which number a LID has', () => {
  it('is told late: what waited is answered once, in one chat with what came by the number', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(ALICE.phone) })
    gateway.receive(from(byPhone(ALICE), 'by number'), from(byLid(ALICE), 'by lid'))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['by number → matched', 'by lid → unmatched: identity_unknown'])
    gateway.append({ kind: 'identity', person: ALICE })
    gateway.append({ kind: 'identity', person: ALICE })
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['by number → matched', 'by lid → matched'])
    expect(new Set((await listed(opened.store)).map(({ chatKey }) => chatKey)).size).toBe(1)
    // One after the other, as in any one chat.
    expect(await queuedTexts(opened.store)).toEqual(['by number'])
    expect(await queuedTexts(opened.store)).toEqual([])
  })

  it('is never told: the message is held and listed, and no rule that is open to all takes it past one that names somebody', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(BOB.phone) }, {})
    gateway.receive(from(byLid(ALICE), 'alone'), textFrom(byLid(ALICE), 'in a group', { chat: GROUP }))
    await inbox.wake(ACCOUNT)
    const next = await inboxOf(opened.store)
    await next.inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'alone → unmatched: identity_unknown',
      'in a group → unmatched: identity_unknown',
    ])
    expect(await queuedTexts(opened.store)).toEqual([])
  })

  it('is told otherwise than before: neither chat moves to the other person, and the number names its new owner', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(ALICE.phone) })
    gateway.receive(from(ALICE, 'from alice'), from(BOB, 'from bob'))
    await inbox.wake(ACCOUNT)
    const before = await listed(opened.store)
    gateway.append({ kind: 'identity', person: { lid: BOB.lid, phone: ALICE.phone } })
    gateway.receive(from(byLid(ALICE), 'alice, without her number'), from(byLid(BOB), 'bob, with her number'))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'from alice → matched',
      'from bob → unmatched: no_binding',
      'alice, without her number → unmatched: identity_unknown',
      'bob, with her number → matched',
    ])
    const after = await listed(opened.store)
    const keys = (messages: typeof after) => messages.map(({ chatKey, senderId }) => [chatKey, senderId])
    expect(keys(after.slice(0, 2))).toEqual(keys(before))
    expect(keys(after.slice(2))).toEqual(keys(before))
  })

  it('is told otherwise than before: the gateway completes nobody by what has gone to somebody else', async () => {
    await using pair = await signalPair()
    const { file, crash } = pair.open()
    for (const earlier of [ALICE, BOB]) file.journal.addIdentity(earlier)
    for (const [heir, before] of [
      [BOB, ALICE],
      [ALICE, BOB],
    ] as const) {
      const person = { lid: heir.lid, phone: before.phone }
      file.journal.addIdentity(person)
      expect(file.journal.complete(byLid(before))).toEqual(byLid(before))
      expect(file.journal.complete(byPhone(before))).toEqual(person)
      expect(file.journal.complete(byLid(heir))).toEqual(person)
      file.journal.addIdentity(before)
      file.journal.addIdentity(heir)
    }
    crash()
  })
})
