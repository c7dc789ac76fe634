import { statSync, symlinkSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Ingest } from '../../../plugin/inbox/ingest.ts'
import { parseOrgId, type Person } from '../../../plugin/contract/ids.ts'
import { addBinding, listBindings, removeBinding } from '../../../plugin/store/accounts/bindings.ts'
import { openStore, type Store } from '../../../plugin/store/database.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { knownPerson } from '../../../plugin/store/people/people.ts'
import { lastSeq } from '../../../plugin/store/sql/sequences.ts'
import { noRules } from '../../support/rules.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  ORG,
  byLid,
  byPhone,
  direct,
  emptyStore,
  given,
  linkedStore,
  person,
  textFrom,
} from '../../support/store.ts'

const know = (store: Store, who: Person) => store.transaction(trx => knownPerson(trx, ACCOUNT, who))

describe('the store', () => {
  it('is a file that only its owner reads, in place of which no link is accepted', async () => {
    await using opened = await emptyStore()
    expect(statSync(opened.file).mode & 0o777).toBe(0o600)
    symlinkSync(opened.file, `${opened.file}.link`)
    await expect(openStore(`${opened.file}.link`)).rejects.toThrow()
  })

  it('keeps what it was told when it is opened again', async () => {
    await using opened = await linkedStore()
    await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: { text_regex: 'x' } }))
    await using again = await opened.reopened()
    expect(await listBindings(again.store.connection, ORG)).toMatchObject([
      { agent: 'echo', rule: { text_regex: 'x' } },
    ])
  })

  it('keeps nothing of a transaction that throws', async () => {
    await using opened = await linkedStore()
    const failing = opened.store.transaction(async trx => {
      await addBinding(trx, ORG, { agent: 'echo', rule: {} })
      throw new Error('it failed')
    })
    await expect(failing).rejects.toThrow('it failed')
    expect(await listBindings(opened.store.connection, ORG)).toEqual([])
  })

  it('asks bindings in the order in which they were made, whatever was deleted between', async () => {
    await using opened = await linkedStore()
    const add = (agent: string) => opened.store.transaction(trx => addBinding(trx, ORG, { agent, rule: {} }))
    await add('first')
    const second = await add('second')
    await add('third')
    const remove = () => opened.store.transaction(trx => removeBinding(trx, ORG, second.id))
    expect(await remove()).toBe(true)
    expect(await remove()).toBe(false)
    await add('fourth')
    const agents = (await listBindings(opened.store.connection, ORG)).map(({ agent }) => agent)
    expect(agents).toEqual(['first', 'third', 'fourth'])
  })
})

describe('the people of an account', () => {
  it('are found by each of their addresses once both are known', async () => {
    await using opened = await linkedStore()
    const { id } = await know(opened.store, byPhone(ALICE))
    expect((await know(opened.store, byLid(ALICE))).id).not.toBe(id)
    const both = await know(opened.store, ALICE)
    expect(both.learned).toBe(true)
    expect((await know(opened.store, byPhone(ALICE))).id).toBe(both.id)
    expect(await know(opened.store, byLid(ALICE))).toMatchObject({ id: both.id, phone: ALICE.phone, learned: false })
  })

  it('stay two people when a number passes from one to the other', async () => {
    await using opened = await linkedStore()
    const alice = await know(opened.store, ALICE)
    const heir = await know(opened.store, { lid: BOB.lid, phone: ALICE.phone })
    expect(heir.id).not.toBe(alice.id)
    expect(await know(opened.store, byLid(ALICE))).toMatchObject({ id: alice.id, phone: null })
    expect((await know(opened.store, byPhone(ALICE))).id).toBe(heir.id)
  })

  it('stay themselves when they change their number', async () => {
    await using opened = await linkedStore()
    const alice = await know(opened.store, ALICE)
    const moved = await know(opened.store, { lid: ALICE.lid, phone: BOB.phone })
    expect(moved).toMatchObject({ id: alice.id, phone: BOB.phone, learned: true })
  })

  it('take their chat, their messages and its place along when two turn out to be one', async () => {
    await using opened = await linkedStore()
    const take = (who: Person) => opened.store.transaction(trx => admit(trx).message(textFrom(who, 'x')))
    await take(byPhone(ALICE))
    await take(byLid(ALICE))
    await know(opened.store, ALICE)
    const messages = await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })
    expect(new Set(messages.map(({ chatKey }) => chatKey)).size).toBe(1)
    for (const message of messages) expect(message).toMatchObject({ sender: ALICE, chat: direct(ALICE) })
  })
})

const admit = (transaction: Store['connection'], key = ACCOUNT): Ingest => new Ingest(transaction, key, noRules)

const PEOPLE = [ALICE, BOB, person('333333333333333', '972500000004')]
const GUISES = { phone: byPhone, lid: byLid, both: (who: Person) => who }

const aDelivery = fc.record({
  who: fc.nat(PEOPLE.length - 1),
  stanza: fc.nat(2),
  as: fc.constantFrom('phone', 'lid', 'both'),
})

describe('messages, however often and under whichever addresses they come', () => {
  it('are stored once as soon as it can be known that they are the same, and numbered without a gap', async () => {
    await using opened = await linkedStore()
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(aDelivery, { maxLength: 25 }), async deliveries => {
        runs += 1
        const org = given(parseOrgId(`org_${runs}`))
        const admitHere = (trx: Store['connection']): Ingest => admit(trx, { ...ACCOUNT, org })
        const tied = new Set<number>()
        const expected: { who: number; stanza: number; as: string }[] = []
        for (const { who, stanza, as } of deliveries) {
          const sender = GUISES[as](PEOPLE[who] ?? ALICE)
          const message = textFrom(sender, 'x', { stanzaId: `S${stanza}` })
          await opened.store.transaction(trx => admitHere(trx).message(message))
          if (as === 'both') tied.add(who)
          const seen = expected.some(
            before => before.who === who && before.stanza === stanza && (tied.has(who) || before.as === as),
          )
          if (!seen) expected.push({ who, stanza, as })
        }
        const stored = await listMessages(opened.store.connection, org, { after: 0, limit: 1_000 })
        expect(stored.map(({ stanzaId }) => stanzaId)).toEqual(expected.map(({ stanza }) => `S${stanza}`))
        expect(stored.map(({ seq }) => seq)).toEqual(expected.map((_, at) => at + 1))
        expect(await lastSeq(opened.store.connection, org)).toBe(expected.length)
      }),
      { numRuns: 60 },
    )
  })
})
