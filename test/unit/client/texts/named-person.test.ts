import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { messageLine } from '../../../../client/texts/message-line.ts'
import { namedPerson } from '../../../../client/texts/named-person.ts'
import { wireMessage } from '../../../support/wire-message.ts'

const NUMBER = '+972500000002'
const plain = (_: string, text: string): string => text

describe('What somebody calls themselves', () => {
  it.each([
    ['Dana', '+972500000002 ~Dana'],
    ['  Dana  ', '+972500000002 ~Dana'],
    ['', NUMBER],
    ['   ', NUMBER],
    [null, NUMBER],
    ['+447400100001', '+972500000002 ~+447400100001'],
    ['Boss\nDana', '+972500000002 ~Boss ⏎ Dana'],
    ['\u202Eanad', '+972500000002 ~\\u{202e}anad'],
    ['x'.repeat(100), `+972500000002 ~${'x'.repeat(39)}…`],
  ])('stands behind their address, as their own word: %j', (name, shown) => {
    expect(namedPerson(NUMBER, name)).toBe(shown)
  })

  it('never stands without the address, nor before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), name => {
        expect(namedPerson(NUMBER, name)).toMatch(/^\+972500000002(?: ~.*)?$/su)
      }),
    )
  })

  it('is in a line of "tail" for what came in, in a group as well, and not for what goes out', () => {
    const line = (more: object): string => messageLine(wireMessage({ text: 'hi', sender_name: 'Dana', ...more }), plain)
    expect(line({})).toContain('← +972500000002 ~Dana: hi')
    expect(line({ group: '1@g.us' })).toContain('← +972500000002 ~Dana in 1@g.us: hi')
    expect(line({ direction: 'outbound', to: NUMBER })).toContain(`→ ${NUMBER}: hi`)
    const family = { group: '1@g.us', group_subject: 'Family' }
    expect(line(family)).toContain('← +972500000002 ~Dana in 1@g.us ~Family: hi')
    expect(line({ ...family, to: '1@g.us' })).toContain('← +972500000002 ~Dana in 1@g.us ~Family: hi')
    expect(line({ ...family, direction: 'outbound', to: '1@g.us' })).toContain('→ 1@g.us ~Family: hi')
  })
})
