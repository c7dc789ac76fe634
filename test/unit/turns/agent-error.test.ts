import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { agentError, agentErrorLine } from '../../../plugin/turns/agent-error.ts'
import type { Turn } from '../../../plugin/contract/host.ts'

const TEXT = 'Please send 40 blue chairs to Maria Lopez, Calle Mayor 7'

/** What an agent was handed, as far as it is read here. */
const turnOf = (text = TEXT, more: { said?: string; name?: string; quoted?: string } = {}): Turn =>
  ({
    message: { text, content: { kind: 'text', text }, pieces: [{ content: { kind: 'text', text }, files: [] }] },
    conversation: more.said === undefined ? [] : [{ text: more.said, senderName: null }],
    facts: { senderName: more.name ?? null, quoted: more.quoted === undefined ? null : { text: more.quoted } },
  }) as unknown as Turn

const atOnce = (): Promise<void> => Promise.resolve()
const lineOf = async (thrown: unknown, turn = turnOf()): Promise<string | null> =>
  agentErrorLine(await agentError(thrown, turn, atOnce))
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
  ])('is shown by %s', async (_, thrown, line) => {
    expect(await lineOf(thrown)).toBe(line)
  })

  it('is no longer than 200 characters', async () => {
    expect((await agentError(failing('word '.repeat(1_000)), turnOf('x'), atOnce)).line).toHaveLength(200)
  })

  it.each([
    ['a part of the message', 'cannot parse "send 40 blue chairs"', 'blue chairs'],
    ['in capitals', 'CANNOT PARSE SEND 40 BLUE CHAIRS', 'BLUE'],
    ['with other signs between its letters', 'no such name: maria_lopez-calle', 'lopez'],
    ['as a part of an address', 'GET https://crm.test/find/maria%20lopez', 'lopez'],
    ['as JSON', 'bad input {"to":"Maria Lopez, Calle Mayor 7"}', 'Mayor'],
  ])('shows nothing of what was written, %s', async (_, message, word) => {
    const line = (await lineOf(failing(message))) ?? ''
    expect(line).toContain('…')
    expect(line.toLowerCase()).not.toContain(word.toLowerCase())
  })

  it('shows nothing of what was said before, of who said it and of what is quoted', async () => {
    const turn = turnOf('hi', { said: 'the code is marigold', name: 'Bartholomew', quoted: 'see you at the quay' })
    for (const words of ['marigold', 'bartholomew', 'at the quay'])
      expect((await lineOf(failing(`cannot find ${words} here`), turn))?.toLowerCase()).not.toContain(words)
  })

  it.each([
    ['repeat it', 'Marigold99', 'MARIGOLD99'],
    ['are numbers', 'E4915112345678', 'N-0151-1234-5678'],
    ['are keys', 'sk-0123456789abcdefghijklmnopqrstuv', 'AbCdEfGhIjKlMnOpQrStUvWxYz0'],
  ])('shows no class and no code that %s', async (_, name, code) => {
    expect(await lineOf(failing('x', { name, code }), turnOf('marigold99'))).toBe('x')
  })

  it.each([
    ['in another case at the end of a word', 'αλεξανδρος', 'no ΑΛΕΞΑΝΔΡΟΣ here'],
    ['in full-width letters', 'ｍａｒｉｇｏｌｄ', 'no marigold here'],
    ['in letters beyond 16 bits', '𝒎𝒂𝒓𝒊𝒈𝒐𝒍𝒅', 'no Marigold here'],
  ])('shows nothing of what was written %s', async (_, text, message) => {
    expect(await lineOf(failing(message), turnOf(text))).toBe('Error: no … here')
  })

  it('looks at a long text in pieces, and misses nothing where they meet', async () => {
    const secret = 'mari gold field'
    let pieces = 0
    const between = async (): Promise<void> => void (pieces += 1)
    for (let from = 16_368; from <= 16_390; from += 1) {
      const text = `${'é'.repeat(from)}${secret}${'é'.repeat(50_000)}`
      expect((await agentError(failing('no MARI-GOLD, here'), turnOf('', { said: text }), between)).line).toBe(
        'no …, here',
      )
    }
    expect(pieces).toBeGreaterThan(23 * 3)
  })

  it('repeats no eight characters of anything that was written, whatever is thrown', async () => {
    const word = fc.stringMatching(/^[a-zé0-9 ,.]{1,30}$/u)
    await fc.assert(
      fc.asyncProperty(fc.tuple(word, word), word, fc.nat(20), async ([before, after], text, from) => {
        const thrown = failing(`${before}${text.slice(from)}${after}`)
        const line = (await agentError(thrown, turnOf(text), atOnce)).line ?? ''
        for (let at = 0; at + 8 <= text.length; at += 1)
          expect(line.toLowerCase()).not.toContain(text.slice(at, at + 8).toLowerCase())
      }),
    )
  })
})
