import { expect, it } from 'vitest'

import { claimed, wordOf, type Claimed } from '../../../plugin/contract/claimed.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import type { MessageFacts } from '../../../plugin/contract/policy.ts'
import { inputOf, INPUT_SCHEMA } from '../../../plugin/policy/input.ts'
import { FACTS, WRITE } from '../../support/policies.ts'

const SCORE = claimed(3)

it('what a sender claims is no fact, by the compiler’s word', () => {
  const facts: MessageFacts = { ...FACTS, claimed: { ...FACTS.claimed, forwardingScore: SCORE } }
  // @ts-expect-error a claim is not what WhatsApp attested
  const asGroup: Pick<MessageFacts, 'isGroup'> = { isGroup: claimed(true) }
  // @ts-expect-error nor a name
  const asSender: Pick<MessageFacts, 'sender'> = { sender: claimed('+972500000009') }
  // @ts-expect-error nor whose word was quoted
  const asAuthor: Pick<MessageFacts, 'quotedSender'> = { quotedSender: claimed('+972500000009') }
  // @ts-expect-error what is a fact is not called a claim either
  const asClaim: Claimed<boolean> = true
  // @ts-expect-error what a message quotes is a claim as a whole
  const sender = (message: InboundMessage): unknown => message.quoted?.sender
  expect([facts, asGroup, asSender, asAuthor, asClaim, sender]).toHaveLength(6)
  expect(wordOf(SCORE) + 1).toBe(4)
})

it('policies find claims below “claimed”, and know of no other place for them', () => {
  const claims = { forwarded: claimed(true), forwardingScore: SCORE, mentioned: claimed(true) }
  const input = inputOf({ ...WRITE, message: { ...FACTS, claimed: claims } }, new Date(0))
  expect(input.claimed).toEqual({ forwarded: true, forwarding_score: 3, mentioned: true })
  const { subject, claimed: known } = INPUT_SCHEMA.properties as unknown as Record<string, { properties: object }>
  expect(Object.keys(subject?.properties ?? {})).not.toContain('mentioned')
  expect(Object.keys(known?.properties ?? {})).toEqual(['forwarded', 'forwarding_score', 'mentioned'])
})
