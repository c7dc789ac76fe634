import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  addressOfPerson,
  canonicalKey,
  lidFromDigits,
  masked,
  parseAccountName,
  parseAddress,
  parseGroupId,
  parseOrgId,
  parsePhone,
  type Person,
  personAt,
  phoneFromDigits,
  samePerson,
} from '../../../plugin/contract/ids.ts'

const digits = (least: number, most: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${least - 1},${most - 1}}$`))

/** The person that an address on the wire names; the test ends when it names none. */
function person(address: string): Person {
  const parsed = parseAddress(address)
  if (!parsed || parsed.kind === 'group') throw new Error('not a person')
  return personAt(parsed)
}

describe('addresses', () => {
  it('come back from the wire as they went out', () => {
    fc.assert(
      fc.property(digits(7, 15), phone => {
        expect(addressOfPerson(person(`+${phone}`))).toBe(`+${phone}`)
      }),
    )
    fc.assert(
      fc.property(digits(1, 20), lid => {
        expect(addressOfPerson(person(`lid:${lid}`))).toBe(`lid:${lid}`)
      }),
    )
  })

  it('never name two kinds of thing, nor throw, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const parsed = parseAddress(text)
        expect(parsed === null || ['phone', 'lid', 'group'].includes(parsed.kind)).toBe(true)
        if (parsed?.kind === 'group') expect(parsePhone(text)).toBeNull()
      }),
    )
  })

  it('take a phone number as people write it', () => {
    expect(parsePhone('+972 (50) 000-0002')).toBe('+972500000002')
    expect(phoneFromDigits('972500000002')).toBe('+972500000002')
  })

  it.each([
    '',
    '972500000002',
    '+0123456789',
    '+123456',
    '+1234567890123456',
    '+97250000000a',
    'lid:',
    'lid:12a',
    '+972٠٠٠٠٠٠',
  ])('refuse %j', text => {
    expect(parseAddress(text)).toBeNull()
  })

  it('know groups of both ages, and nothing that only looks like one', () => {
    expect(parseGroupId('120363000000000001@g.us')).toBe('120363000000000001@g.us')
    expect(parseGroupId('972500000001-1600000000@g.us')).toBe('972500000001-1600000000@g.us')
    expect(parseGroupId('120363000000000001@g.us.evil')).toBeNull()
    expect(parseGroupId('../120363000000000001@g.us')).toBeNull()
  })
})

describe('a person', () => {
  const both: Person = { phone: parsePhone('+972500000002'), lid: lidFromDigits('555') }

  it('is shown by phone, and filed under the LID', () => {
    expect(addressOfPerson(both)).toBe('+972500000002')
    expect(canonicalKey(both)).toBe('lid:555')
  })

  it('is the same under either address, and two unknowns are nobody in common', () => {
    expect(samePerson(both, person('lid:555'))).toBe(true)
    expect(samePerson(both, person('+972500000002'))).toBe(true)
    expect(samePerson(person('lid:555'), person('+972500000002'))).toBe(false)
  })

  it('is masked in logs', () => {
    expect(masked(both)).not.toContain('500000')
  })
})

describe('names of orgs and accounts', () => {
  it.each(['..', 'a/b', '%2e%2e%2f', 'a\0b', 'x'.repeat(65), 'Оrg', '', 'a b', 'a.b'])('refuse %j', name => {
    expect(parseOrgId(name)).toBeNull()
    expect(parseAccountName(name)).toBeNull()
  })
})
