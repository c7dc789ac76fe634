import { expect, it } from 'vitest'

import { checkNamedNumbers } from '../../../client/checks/named-numbers.ts'
import type { WireBinding } from '../../../plugin/contract/api/bindings.ts'
import type { WireNamedNumber } from '../../../plugin/contract/api/contacts.ts'

const [ONE, OTHER] = ['+22501234567', '+22501234568']
const named = (number: string, exists: boolean | null): WireNamedNumber => ({
  number,
  named_by: ['role'],
  exists,
  address: exists ? number : null,
})
const binding = (more: Partial<WireBinding>) => ({ match_rule: { from: ONE }, ...more }) as WireBinding

const said = (numbers: WireNamedNumber[], bindings: WireBinding[] = []) =>
  checkNamedNumbers([{ named_numbers: numbers } as never], bindings).map(({ ok, says }) => `${ok} ${says}`)

it('the doctor says which numbers that are named WhatsApp does not know', () => {
  expect(said([])).toEqual([])
  expect(said([named(ONE, true)], [binding({})])).toEqual([
    'true All numbers in settings and bindings are on WhatsApp.',
  ])
  const unknown = [`false Not looked up on WhatsApp yet: ${ONE}.`]
  expect(said([], [binding({ not_known_yet: ['from'] })])).toEqual(unknown)
  // Named twice, it is said once; and what nobody has is said when all is known.
  expect(said([named(ONE, null), named(OTHER, false)], [binding({ not_known_yet: ['from'] })])).toEqual(unknown)
  expect(said([named(OTHER, false)], [binding({ not_on_whatsapp: ['from'] })])).toEqual([
    `false Not on WhatsApp: ${OTHER}, ${ONE}.`,
  ])
  const many = Array.from({ length: 8 }, (_, at) => named(`+2250123456${at}`, null))
  expect(said(many)[0]).toContain('+22501234564 and 3 more.')
})
