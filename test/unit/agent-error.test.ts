import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { agentError, agentErrorLine } from '../../plugin/agent-error.ts'
import type { Turn } from '../../plugin/contract/host.ts'

const TEXT = 'Please send 40 blue chairs to Maria Lopez, Calle Mayor 7'

/** What an agent was handed, as far as it is read here. */
const turnOf = (text = TEXT, more: { said?: string; name?: string; quoted?: string } = {}): Turn =>
  ({
    message: { text, content: { kind: 'text', text }, pieces: [{ content: { kind: 'text', text }, files: [] }] },
    conversation: more.said === undefined ? [] : [{ text: more.said, senderName: null }],
    facts: { senderName: more.name ?? null, quoted: more.quoted === undefined ? null : { text: more.quoted } },
  }) as unknown as Turn

const lineOf = (thrown: unknown, turn = turnOf()): string | null => agentErrorLine(agentError(thrown, turn))
const failing = (message: string, more: object = {}): Error => Object.assign(new Error(message), more)

describe('What an agent threw', () => {
  it.each<[string, unknown, string | null]>([
    ['its class and what it says', new TypeError('x is not a function'), 'TypeError: x is not a function'],
    [
      'its code',
      failing('CRM timeout: POST /orders 504', { code: 'ETIMEDOUT' }),
      'Error ETIMEDOUT: CRM timeout: POST /orders 504',
    ],
    [
      'the code of its cause',
      new Error('fetch failed', { cause: failing('x', { code: 'ECONNREFUSED' }) }),
      'Error ECONNREFUSED: fetch failed',
    ],
    ['its first line', failing('\n \nfirst\r\nsecond\u2028third'), 'Error: first'],
    [
      'no number',
      failing('no order 4711 of +972 50-000-0001 (lid 123456789012345)'),
      'Error: no order 4711 of … (lid …)',
    ],
    [
      'no query',
      failing('GET https://crm.test/v1/x?token=abc&q=1 failed'),
      'Error: GET https://crm.test/v1/x?… failed',
    ],
    ['no fragment', failing('at https://crm.test/x#me'), 'Error: at https://crm.test/x?…'],
    ['no query of a path', failing('GET /v1/x?key=1 failed'), 'Error: GET /v1/x?… failed'],
    ['nobody who asks', failing('https://me:secret@crm.test/x'), 'Error: https://…@crm.test/x'],
    ['no key', failing('bad key sk-0123456789abcdefghijklmnopqrstuv'), 'Error: bad key …'],
    ['nothing hidden', failing('a\u202Eb'), 'Error: a\\u{202e}b'],
    ['a text that was thrown', 'no connection', 'no connection'],
    ['nothing of an object', {}, '[object Object]'],
    ['nothing of nothing', undefined, 'undefined'],
    ['nothing of an empty text', '', null],
    [
      'nothing of what throws as it is read',
      Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('no')
        },
      }),
      null,
    ],
    ['no class that is a sentence', failing('x', { name: 'a whole sentence' }), 'x'],
    ['no code that is a sentence', failing('x', { code: 'a whole sentence' }), 'Error: x'],
  ])('is shown by %s', (_, thrown, line) => {
    expect(lineOf(thrown)).toBe(line)
  })

  it('is no longer than 200 characters', () => {
    expect(agentError(failing('word '.repeat(1_000)), turnOf('x')).line).toHaveLength(200)
  })

  it.each([
    ['a part of the message', 'cannot parse "send 40 blue chairs"', 'blue chairs'],
    ['in capitals', 'CANNOT PARSE SEND 40 BLUE CHAIRS', 'BLUE'],
    ['with other signs between its letters', 'no such name: maria_lopez-calle', 'lopez'],
    ['as a part of an address', 'GET https://crm.test/find/maria%20lopez', 'lopez'],
    ['as JSON', 'bad input {"to":"Maria Lopez, Calle Mayor 7"}', 'Mayor'],
  ])('shows nothing of what was written, %s', (_, message, word) => {
    const line = lineOf(failing(message)) ?? ''
    expect(line).toContain('…')
    expect(line.toLowerCase()).not.toContain(word.toLowerCase())
  })

  it('shows nothing of what was said before, of who said it and of what is quoted', () => {
    const turn = turnOf('hi', { said: 'the code is marigold', name: 'Bartholomew', quoted: 'see you at the quay' })
    for (const words of ['marigold', 'bartholomew', 'at the quay'])
      expect(lineOf(failing(`cannot find ${words} here`), turn)?.toLowerCase()).not.toContain(words)
  })

  it('shows no class and no code that repeat it', () => {
    const thrown = failing('x', { name: 'Marigold99', code: 'MARIGOLD99' })
    expect(lineOf(thrown, turnOf('marigold99'))).toBe('x')
  })

  it('repeats no eight characters of anything that was written, whatever is thrown', () => {
    const word = fc.stringMatching(/^[a-zé0-9 ,.]{1,30}$/u)
    fc.assert(
      fc.property(fc.tuple(word, word), word, fc.nat(20), ([before, after], text, from) => {
        const thrown = failing(`${before}${text.slice(from)}${after}`)
        const line = agentError(thrown, turnOf(text)).line ?? ''
        for (let at = 0; at + 8 <= text.length; at += 1)
          expect(line.toLowerCase()).not.toContain(text.slice(at, at + 8).toLowerCase())
      }),
    )
  })
})
