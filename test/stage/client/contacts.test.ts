import { expect, it } from 'vitest'

import type { CheckedContacts } from '../../../plugin/contract/contact.ts'
import type { Phone } from '../../../plugin/contract/ids.ts'
import { openCli } from '../../support/cli-stage.ts'
import { PHONE } from '../../support/operations.ts'

const NOBODY = '+4915100000000' as Phone
const UNKNOWN = '+4915100000001' as Phone
const checked: CheckedContacts = {
  contacts: [
    { number: NOBODY, address: null },
    { number: PHONE as Phone, address: PHONE as Phone },
  ],
  retryAt: Date.parse('2026-01-02T15:00:00Z'),
}

it('contacts check says what is known also when the others may not be asked for now, and when they may', async () => {
  await using stage = await openCli({ operations: { contacts: { check: async () => checked } } })
  const { status, out, err } = await stage.told('contacts', 'check', UNKNOWN, NOBODY, PHONE)
  expect([status, out]).toEqual([1, `${NOBODY}  is not on WhatsApp\n${PHONE}   is on WhatsApp\n`])
  expect(err).toContain('reached its limit of number lookups')
  expect(err).toContain('2026-01-02T15:00:00.000Z')
  expect(err).not.toContain(PHONE)
  const json = await stage.told('contacts', 'check', UNKNOWN, PHONE, '--json')
  expect([json.status, json.out]).toEqual([1, ''])
})
