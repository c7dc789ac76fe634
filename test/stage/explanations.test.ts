import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MatchRule } from '../../plugin/contract/binding.ts'
import type { Chat, Person } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { Explanations } from '../../plugin/explanations.ts'
import { addBinding, listBindings, removeBinding, replaceBinding } from '../../plugin/store/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import { listMessages, type StoredMessage } from '../../plugin/store/messages.ts'
import { inboxOf } from '../support/inbox.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  byLid,
  byPhone,
  direct,
  given,
  GROUP,
  linkedStore,
  ORG,
  textFrom,
} from '../support/store.ts'

const PEOPLE: Person[] = [ALICE, BOB, byLid(ALICE), byPhone(ALICE), byLid(BOB), byPhone(BOB)]
const ADDRESSES = [ALICE, BOB].flatMap(({ lid, phone }) => [given(phone), `lid:${given(lid)}`])
const group = GROUP.kind === 'group' ? GROUP.group : ''

const aRule: fc.Arbitrary<MatchRule> = fc.record(
  {
    from: fc.constantFrom(...ADDRESSES),
    group: fc.constantFrom<string>(group, ...ADDRESSES),
    text_regex: fc.constantFrom('stop', '^go', 'o+'),
    mentioned: fc.boolean(),
    chat_type: fc.constantFrom('direct' as const, 'group' as const),
  },
  { requiredKeys: [] },
)
const aMessage: fc.Arbitrary<InboundMessage> = fc
  .record({
    sender: fc.constantFrom(...PEOPLE),
    inGroup: fc.boolean(),
    text: fc.constantFrom('stop', 'go', 'no', ''),
    mentioned: fc.boolean(),
  })
  .map(({ sender, inGroup, text, mentioned }) => {
    const chat: Chat = inGroup ? GROUP : direct(sender)
    return textFrom(sender, text, { chat, mentioned })
  })

const explanationsOf = (store: Store): Explanations => new Explanations({ store, alsoAnswered: () => new Set() })

const messagesIn = (store: Store): Promise<StoredMessage[]> =>
  listMessages(store.connection, ORG, { after: 0, limit: 10_000 })

describe('the trace of a message', () => {
  it('says what the running system did, for 2,000 messages before any bindings, whatever became of those since', async () => {
    const worlds = fc.sample(
      fc.record({
        rules: fc.array(aRule, { maxLength: 6 }),
        said: fc.array(aMessage, { minLength: 50, maxLength: 50 }),
      }),
      40,
    )
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store)
    for (const { rules, said } of worlds) {
      for (const { id } of await listBindings(store.connection, ORG))
        await store.transaction(trx => removeBinding(trx, ORG, id))
      for (const rule of rules) await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule }))
      gateway.receive(...said)
      await inbox.wake(ACCOUNT)
    }
    const explanations = explanationsOf(store)
    const messages = await messagesIn(store)
    expect(messages).toHaveLength(2_000)
    for (const { id, outcome, bindingId } of messages) {
      const trace = await explanations.trace(ORG, id)
      const told = trace.outcome === 'matched' ? 'matched' : `${trace.outcome}: ${trace.reason}`
      expect([told, trace.binding_id]).toEqual([outcome, bindingId])
    }
  }, 120_000)

  it('is about what a message said then, also when it was edited since', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, { text_regex: 'stop' })
    const first = textFrom(ALICE, 'please stop')
    const edit = textFrom(ALICE, 'please go', { edits: first.stanzaId })
    gateway.receive(first, edit)
    await inbox.wake(ACCOUNT)
    const [message] = await messagesIn(store)
    expect(message?.content).toEqual({ kind: 'text', text: 'please go' })
    const { outcome, bindings } = await explanationsOf(store).trace(ORG, given(message).id)
    expect([outcome, bindings[0]?.clauses[0]?.found]).toEqual(['matched', 'stop'])
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
