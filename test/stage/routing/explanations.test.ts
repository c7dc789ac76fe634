import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { WireExplanation } from '../../../plugin/contract/api/bindings.ts'
import type { MatchRule } from '../../../plugin/contract/binding.ts'
import { type AccountKey, parseAccountName, parseGroupId, type Person } from '../../../plugin/contract/ids.ts'
import { CLAUSES } from '../../../plugin/routing/explain-rule.ts'
import { Explanations } from '../../../plugin/routing/explain-message.ts'
import { claimNumber, configureAccount, confirmNumber } from '../../../plugin/store/accounts/accounts.ts'
import { addBinding, listBindings, removeBinding, replaceBinding } from '../../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { listMessages, type StoredMessage } from '../../../plugin/store/messages/messages.ts'
import { inboxOf } from '../../support/inbox.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import {
  ACCOUNT,
  ALICE,
  byLid,
  byPhone,
  direct,
  given,
  linkedStore,
  ORG,
  person,
  textFrom,
  US,
} from '../../support/store.ts'
import { patternsInPlace } from '../../support/job-runner.ts'

/** People of a world by their places: each world has its own, of whom nothing is known when it begins. */
const somebody = fc.constantFrom(0, 1)
const anAddress = fc.record({ who: somebody, by: fc.constantFrom('phone' as const, 'lid' as const) })
type Address = typeof anAddress extends fc.Arbitrary<infer Value> ? Value : never

const GROUPS = ['120363000000000001@g.us', '120363000000000002@g.us'].map(text => given(parseGroupId(text)))
/** Two linked numbers of the org; of one of them the LID is known as well. */
const SECOND: AccountKey = { org: ORG, account: given(parseAccountName('support')) }
const SUPPORT = person('900000000000009', '972500000009')
const NUMBERS = [
  { key: ACCOUNT, receiver: US },
  { key: SECOND, receiver: SUPPORT },
] as const
const TO = [given(US.phone), 'lid:900000000000001', given(SUPPORT.phone), 'lid:900000000000009']

/** What it says under each key, and the few keys that it has: with all of them it would take next to nothing. */
const aRule = fc.record({
  keys: fc.subarray([...CLAUSES], { minLength: 1, maxLength: 2 }),
  from: anAddress,
  group: fc.oneof(anAddress, fc.constantFrom<string>(...GROUPS)),
  to: fc.constantFrom(...TO),
  text_regex: fc.constantFrom('stop', '^go', 'o+'),
  mentioned: fc.boolean(),
  chat_type: fc.constantFrom('direct' as const, 'group' as const),
})
type Rule = typeof aRule extends fc.Arbitrary<infer Value> ? Value : never
const aMessage = fc.record({
  who: somebody,
  seen: fc.constantFrom(byLid, byPhone),
  group: fc.constantFrom(null, ...GROUPS),
  number: fc.constantFrom(...NUMBERS.keys()),
  text: fc.constantFrom('stop', 'go', 'no', ''),
  mentioned: fc.boolean(),
})
const aWorld = fc.record({
  rules: fc.array(fc.record({ rule: aRule, enabled: fc.constantFrom(true, true, true, false) }), { maxLength: 6 }),
  said: fc.array(aMessage, { minLength: 50, maxLength: 50 }),
})
type World = typeof aWorld extends fc.Arbitrary<infer Value> ? Value : never

const inhabitants = (world: number): Person[] =>
  [1, 2].map(who => person(`1${who}${world + 1_000_000}`, `97250${who}${world + 10_000}`))

function namedBy(people: readonly Person[], { who, by }: Address): string {
  const { phone, lid } = given(people[who])
  return by === 'phone' ? given(phone) : `lid:${given(lid)}`
}

/** A rule whose people are those of a world. */
function ruleIn(people: readonly Person[], { keys, from, group, ...rest }: Rule): MatchRule {
  const named = { from: namedBy(people, from), group: typeof group === 'string' ? group : namedBy(people, group) }
  const whole = Object.entries({ ...rest, ...named })
  return Object.fromEntries(whole.filter(([key]) => keys.some(each => each === key)))
}

function messageIn(people: readonly Person[], { who, seen, group, number, text, mentioned }: World['said'][number]) {
  const sender = seen(given(people[who]))
  const { receiver } = given(NUMBERS[number])
  return textFrom(sender, text, { chat: group ? { kind: 'group', group } : direct(sender), receiver, mentioned })
}

const explanationsOf = (store: Store): Explanations =>
  new Explanations({ store, alsoAnswered: () => new Set(), patterns: patternsInPlace })

const messagesIn = (store: Store, after = 0): Promise<StoredMessage[]> =>
  listMessages(store.connection, ORG, { after, limit: 10_000 })

const toldBy = ({ outcome, reason, binding_id }: WireExplanation) => [
  outcome === 'matched' ? 'matched' : `${outcome}: ${reason}`,
  binding_id,
]

/** Two linked numbers of one org, each with its journal. */
async function twoNumbers(store: Store) {
  await configureAccount(store.connection, SECOND, { displayName: null })
  await claimNumber(store.connection, SECOND, given(SUPPORT.phone))
  await confirmNumber(store.connection, SECOND, given(SUPPORT.phone))
  const ways = [await inboxOf(store), await inboxOf(store)]
  const takeOver = () => Promise.all(NUMBERS.map(({ key }, at) => given(ways[at]).inbox.wake(key)))
  return { gateways: ways.map(({ gateway }) => gateway), takeOver }
}

async function bindAnew(store: Store, people: readonly Person[], rules: World['rules']): Promise<void> {
  for (const { id } of await listBindings(store.connection, ORG))
    await store.transaction(trx => removeBinding(trx, ORG, id))
  for (const { rule, enabled } of rules)
    await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: ruleIn(people, rule), enabled }))
}

describe('an explanation', () => {
  it('says what the running system did, for 2,000 messages before any bindings, whatever became of those since', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { gateways, takeOver } = await twoNumbers(store)
    const explanations = explanationsOf(store)
    for (const [at, { rules, said }] of fc.sample(aWorld, 40).entries()) {
      const people = inhabitants(at)
      await bindAnew(store, people, rules)
      for (const message of said.slice(0, 40)) given(gateways[message.number]).receive(messageIn(people, message))
      await takeOver()
      // WhatsApp tells who one of the two is: what waited for that is looked at again.
      for (const gateway of gateways) gateway.append({ kind: 'identity', person: given(people[0]) })
      for (const message of said.slice(40)) given(gateways[message.number]).receive(messageIn(people, message))
      await takeOver()
      for (const { id, outcome, bindingId } of await messagesIn(store, at * 50))
        expect(toldBy(await explanations.of(ORG, { message_id: id }))).toEqual([outcome, bindingId])
    }
    const messages = await messagesIn(store)
    expect(messages).toHaveLength(2_000)
    for (const { id, outcome, bindingId } of messages)
      expect(toldBy(await explanations.trace(ORG, id))).toEqual([outcome, bindingId])
    for (const outcome of ['matched', 'unmatched: no_binding', 'unmatched: identity_unknown'])
      expect(messages.filter(message => message.outcome === outcome).length).toBeGreaterThan(100)
  }, 120_000)
})

describe('the trace of a message', () => {
  it('is about what a message said then, also when it was edited since', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, { text_regex: 'stop' })
    const first = textFrom(ALICE, 'please stop')
    const edit = textFrom(ALICE, 'please go', { edits: first.stanzaId })
    gateway.receive(first)
    await inbox.wake(ACCOUNT)
    await store.transaction(trx => takeTurns(trx, 1, Date.now()))
    gateway.receive(edit)
    await inbox.wake(ACCOUNT)
    const [message] = await messagesIn(store)
    expect(message?.content).toEqual({ kind: 'text', text: 'please go' })
    const { outcome, bindings } = await explanationsOf(store).trace(ORG, given(message).id)
    expect([outcome, bindings[0]?.clauses[0]?.found]).toEqual(['matched', 'stop'])
  })

  it('says what became of it when it was edited before its agent was asked', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, { text_regex: 'stop' })
    const first = textFrom(ALICE, 'please stop')
    gateway.receive(first, textFrom(ALICE, 'please go', { edits: first.stanzaId }))
    await inbox.wake(ACCOUNT)
    const trace = await explanationsOf(store).trace(ORG, given((await messagesIn(store))[0]).id)
    expect(trace).toMatchObject({ outcome: 'unmatched', reason: 'edited_away', bindings: [{ verdict: 'fails' }] })
  })

  it('is that of the last time that its bindings were asked', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, { text_regex: 'stop' })
    gateway.receive(textFrom(ALICE, 'go'))
    await inbox.wake(ACCOUNT)
    const { id } = given((await messagesIn(store))[0])
    const trace = () => explanationsOf(store).trace(ORG, id)
    expect(await trace()).toMatchObject({ outcome: 'unmatched', reason: 'no_binding' })
    const [binding] = await listBindings(store.connection, ORG)
    await store.transaction(trx => replaceBinding(trx, { ...given(binding), rule: {} }))
    expect(await trace()).toMatchObject({ outcome: 'unmatched', bindings: [{ verdict: 'fails' }] })
    await inbox.replay(ORG, id)
    expect(await trace()).toMatchObject({ outcome: 'matched', bindings: [{ verdict: 'holds' }] })
  })

  it('says why no binding was asked', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, {})
    gateway.receive(textFrom(ALICE, 'mine', { fromMe: true }))
    await inbox.wake(ACCOUNT)
    const { id } = given((await messagesIn(store))[0])
    expect(await explanationsOf(store).trace(ORG, id)).toEqual({
      outcome: 'ignored',
      reason: 'own',
      binding_id: null,
      bindings: [],
    })
  })
})
