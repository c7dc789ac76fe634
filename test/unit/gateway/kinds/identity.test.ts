import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { lidFromDigits, parseGroupId, phoneFromDigits, type Person } from '../../../../plugin/contract/ids.ts'
import {
  groupOfJid,
  jidOfAddress,
  jidOfChat,
  jidOfPerson,
  namesPerson,
  personOfJid,
  personOfJids,
} from '../../../../plugin/gateway/kinds/jid.ts'

const digits = (min: number, max: number) =>
  fc
    .tuple(
      fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9'),
      fc.stringMatching(new RegExp(`^[0-9]{${min - 1},${max - 1}}$`)),
    )
    .map(parts => parts.join(''))
const phoneDigits = digits(7, 15)
const lidDigits = digits(5, 15)
const device = fc.option(fc.nat({ max: 200 }), { nil: null })

describe('an identity', () => {
  it('is the same person whichever device of theirs is named', () => {
    fc.assert(
      fc.property(phoneDigits, lidDigits, device, (phone, lid, number) => {
        const suffix = number === null ? '' : `:${number}`
        expect(personOfJid(`${phone}${suffix}@s.whatsapp.net`)).toEqual({ lid: null, phone: `+${phone}` })
        expect(personOfJid(`${lid}${suffix}@lid`)).toEqual({ lid, phone: null })
        const both = personOfJids(`${lid}${suffix}@lid`, `${phone}@s.whatsapp.net`)
        expect(both).toEqual({ lid, phone: `+${phone}` })
        expect(both).toEqual(personOfJids(`${phone}${suffix}@s.whatsapp.net`, `${lid}@lid`))
      }),
    )
  })

  it('comes back from the JID it is written to at', () => {
    fc.assert(
      fc.property(phoneDigits, lidDigits, (phone, lid) => {
        const onlyLid: Person = { lid: lidFromDigits(lid), phone: null }
        const onlyPhone: Person = { lid: null, phone: phoneFromDigits(phone) }
        expect(personOfJid(jidOfPerson(onlyLid))).toEqual(onlyLid)
        expect(personOfJid(jidOfPerson(onlyPhone))).toEqual(onlyPhone)
        expect(jidOfPerson({ lid: onlyLid.lid, phone: onlyPhone.phone })).toBe(`${phone}@s.whatsapp.net`)
        expect(jidOfAddress(`lid:${lid}`)).toBe(`${lid}@lid`)
        expect(jidOfAddress(`+${phone}`)).toBe(`${phone}@s.whatsapp.net`)
      }),
    )
  })

  it('is nobody for anything that is not a person', () => {
    const others = [
      '',
      'status@broadcast',
      '123@broadcast',
      '120363000000000001@g.us',
      '1@newsletter',
      '13135550002@bot',
      'x@lid',
    ]
    for (const jid of [
      ...others,
      null,
      undefined,
      '123',
      '12@lid@lid',
      '+123456789@s.whatsapp.net',
      '1@s.whatsapp.net',
    ]) {
      expect(personOfJid(jid), String(jid)).toBeNull()
    }
    fc.assert(
      fc.property(fc.string(), text => {
        expect(() => personOfJid(text)).not.toThrow()
      }),
    )
  })

  it('knows groups from people', () => {
    expect(groupOfJid('120363000000000001@g.us')).toBe('120363000000000001@g.us')
    expect(groupOfJid('49151@s.whatsapp.net')).toBeNull()
    const group = parseGroupId('120363000000000001@g.us')
    if (!group) throw new Error('not a group')
    expect(jidOfChat({ kind: 'group', group })).toBe(group)
    expect(jidOfAddress(group)).toBe(group)
    expect(jidOfAddress('nobody')).toBeNull()
  })

  it('is mentioned by either address', () => {
    const self: Person = { lid: lidFromDigits('12345'), phone: phoneFromDigits('4915112345678') }
    expect(namesPerson(['999@lid', '12345@lid'], self)).toBe(true)
    expect(namesPerson(['4915112345678@s.whatsapp.net'], self)).toBe(true)
    expect(namesPerson(['999@lid', '12345@s.whatsapp.net'], self)).toBe(false)
    expect(namesPerson([], self)).toBe(false)
  })
})
