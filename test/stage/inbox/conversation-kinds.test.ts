import { expect, it } from 'vitest'

import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { stagesOn } from '../../support/stages.ts'
import { ALICE, linkedStore, textFrom } from '../../support/store.ts'

const saying = (content: MessageContent): InboundMessage => textFrom(ALICE, '', { content })

it('a conversation has what was chosen, ordered and said beside money, and what a company wrote though nobody was asked about it', async () => {
  await using opened = await linkedStore()
  await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^last$' } }] })
  const tea = { title: 'Tea', description: '', id: 't' }
  await stages.receive(
    saying({ kind: 'business', form: 'list', text: 'Our menu', offers: [tea] }),
    saying({ kind: 'choice', text: 'Tea', description: 'hot', id: 't', answers: [{ name: 'size', value: '4' }] }),
    saying({ kind: 'order', id: null, title: 'Cart', items: 2, total: null, note: 'for noon' }),
    saying({ kind: 'product', id: null, title: 'Soup', description: '', price: null, url: null, text: 'this one' }),
    saying({ kind: 'comment', target: 'X', text: 'agreed' }),
    saying({ kind: 'payment', what: 'request', amount: null, note: 'lunch' }),
    saying({ kind: 'payment', what: 'sent', amount: null, note: '' }),
    saying({ kind: 'view_once' }),
    saying({ kind: 'sealed', what: 'comment', target: 'X', reason: 'secret_unknown' }),
    textFrom(ALICE, 'last'),
  )
  await stages.line('turn ended')
  expect(stages.toldAt('last')).toEqual([
    'person: [business] Our menu Tea',
    'person: [choice] Tea\nsize: 4 hot',
    'person: [order] Cart 2 items for noon',
    'person: [product] Soup this one',
    'person: [comment] agreed',
    'person: [payment] request lunch',
    'person: [view once, on the phone only]',
  ])
})
