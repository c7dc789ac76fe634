import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import { parseGroupId } from '../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { attestedOf } from '../../../plugin/turns/turn-message.ts'
import { quotationOf } from '../../../plugin/messages/quoted-message.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { stagesOn } from '../../support/stages.ts'
import { ALICE, BOB, byPhone, given, GROUP, linkedStore, ORG, textFrom, US } from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

const ELSEWHERE = { kind: 'group', group: given(parseGroupId('120363000000000002@g.us')) } as const
const inGroup = (text: string, more: Partial<InboundMessage> = {}): InboundMessage =>
  textFrom(ALICE, text, { chat: GROUP, ...more })
const ours = (stanzaId: string, chat: InboundMessage['chat'] = GROUP): InboundMessage =>
  textFrom(US, 'from the phone', { chat, stanzaId, fromMe: true })
const answering = (text: string, stanzaId: string, sender: InboundMessage['sender'] | null): InboundMessage =>
  inGroup(text, { quoted: claimed({ stanzaId, sender, text: 'as I say' }) })

const mentions = { rule: { mentioned: true }, agent: 'echo' }

describe('an answer', () => {
  it.each([
    { what: 'to what we wrote', stanzaId: 'OURS', sender: US, outcome: 'matched' },
    {
      what: 'to what we wrote, which names us by our number',
      stanzaId: 'OURS',
      sender: byPhone(US),
      outcome: 'matched',
    },
    { what: 'to what we wrote, which names nobody', stanzaId: 'OURS', sender: null, outcome: 'matched' },
    {
      what: 'to what we wrote, which it says is another’s',
      stanzaId: 'OURS',
      sender: BOB,
      outcome: 'unmatched: no_binding',
    },
    { what: 'to what another wrote', stanzaId: 'BOBS', sender: BOB, outcome: 'unmatched: no_binding' },
    {
      what: 'to what another wrote, which it says is ours',
      stanzaId: 'BOBS',
      sender: US,
      outcome: 'unmatched: no_binding',
    },
    {
      what: 'to what nobody wrote, which it says is ours',
      stanzaId: 'MADE-UP',
      sender: US,
      outcome: 'unmatched: no_binding',
    },
    { what: 'to what we wrote in another chat', stanzaId: 'THERE', sender: US, outcome: 'unmatched: no_binding' },
  ])('$what', async ({ stanzaId, sender, outcome }) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [mentions] })
    await stages.receive(
      ours('OURS'),
      ours('THERE', ELSEWHERE),
      textFrom(BOB, 'mine', { chat: GROUP, stanzaId: 'BOBS' }),
    )
    await stages.receive(answering('ask', stanzaId, sender))
    expect(await outcomes(opened.store)).toContain(`ask → ${outcome}`)
  })

  it('to what our agent said is one as well, and so is a plain mention', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [mentions] })
    await stages.receive(inGroup('@you', { mentioned: true }))
    await stages.line('turn ended')
    const reply = given(
      (await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })).find(
        each => each.direction === 'outbound',
      ),
    )
    await stages.receive(answering('and then?', reply.stanzaId, US))
    await stages.line('turn ended', 2)
    expect(stages.seen.map(({ message }) => message.text)).toEqual(['@you', 'and then?'])
  })
})

describe('what policies are told of a quote', () => {
  it.each([
    { what: 'is who wrote it, as we have it', stanzaId: 'BOBS', sender: BOB, author: BOB.phone },
    { what: 'is who wrote it, whatever it says', stanzaId: 'BOBS', sender: null, author: BOB.phone },
    { what: 'is nobody when we have no such message', stanzaId: 'MADE-UP', sender: BOB, author: null },
    { what: 'is nobody when it is said to be another’s', stanzaId: 'BOBS', sender: US, author: null },
  ])('$what', async ({ stanzaId, sender, author }) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^ask$' } }] })
    await stages.receive(textFrom(BOB, 'mine', { chat: GROUP, stanzaId: 'BOBS' }), answering('ask', stanzaId, sender))
    const all = await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })
    const asked = given(all.find(({ quoted }) => quoted !== null))
    const facts = attestedOf([asked], await quotationOf(opened.store.connection, asked))
    expect(facts.quotedSender).toBe(author)
  })
})
