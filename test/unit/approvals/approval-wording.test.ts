import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { shownLines } from '../../../host-stub/phone-page/shown-text.ts'
import { isDecidedOnPhone, type Prompt, promptText } from '../../../plugin/approvals/texts.ts'
import { HOSTILE, hiddenIn, READABLE } from '../../support/plain-texts.ts'

const PROMPT: Prompt = {
  tool: 'service.restart',
  effect: 'write',
  arguments: {},
  reason: 'it writes',
  requestedAt: 0,
  expiresAt: 300_000,
  requester: '+972500000002',
  requesterName: null,
  isGroup: false,
}
const questionOf = (changes: Partial<Prompt>): string => promptText({ ...PROMPT, ...changes })
/** What a phone shows of a text, its marks taken for marks. */
const onPhone = (text: string): string =>
  shownLines(text)
    .map(({ stretches }) => stretches.map(stretch => stretch.text).join(''))
    .join('\n')
/** The arguments whose JSON has so many characters. */
const argumentsOf = (length: number) => ({ name: 'x'.repeat(length - '{"name":""}'.length) })
const MOST = 1_500 - PROMPT.reason.length

describe('the question to an approver', () => {
  it.each(HOSTILE)('hides nothing by %s in an argument, a name or a reason', (_, text) => {
    for (const changes of [
      { arguments: { text } },
      { arguments: { [text]: 1 } },
      { requesterName: text },
      { reason: text },
    ]) {
      const question = questionOf(changes)
      expect(hiddenIn(question)).toBeNull()
      expect(question.split('\n')).toHaveLength(5)
    }
  })

  it.each(READABLE)('stays readable in %s', (_, text) => {
    expect(questionOf({ arguments: { text } })).toContain(`Arguments: ${JSON.stringify({ text })}`)
  })

  it.each([
    ['*api* and _db_ and ~mail~', '\\u{2a}api\\u{2a} and \\u{5f}db\\u{5f} and \\u{7e}mail\\u{7e}'],
    ['`rm`', '\\u{60}rm\\u{60}'],
    ['```', '\\u{60}\\u{60}\\u{60}'],
    ['2*3 and a_b_c', '2*3 and a_b_c'],
  ])('loses no sign of %j to the phone, which takes some for marks', (text, shown) => {
    expect(questionOf({ arguments: { text } }).split('\n').at(-1)).toBe(`Arguments: {"text":"${shown}"}`)
  })

  it('is on the phone what it is here, letter by letter, whatever stands in it', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('*_~`a1 ."\n>-'), '```') })
    fc.assert(
      fc.property(text, text, text, (name, reason, value) => {
        const question = questionOf({ requesterName: name, reason, arguments: { value } })
        expect(onPhone(question)).toBe(question)
      }),
    )
  })

  it('shows all of the arguments as long as they fit, and says where it is decided when they do not', () => {
    const fits = argumentsOf(MOST)
    expect(isDecidedOnPhone({ ...PROMPT, arguments: fits })).toBe(true)
    expect(questionOf({ arguments: fits })).toContain(JSON.stringify(fits))
    const longer = argumentsOf(MOST + 1)
    expect(isDecidedOnPhone({ ...PROMPT, arguments: longer })).toBe(false)
    const question = questionOf({ arguments: longer })
    expect(question).not.toContain('xx')
    expect(question).not.toContain('👍')
    expect(question).toContain('an answer to this message decides nothing. Decide it on the page, under Approvals')
  })

  it('is as long as it is shown: what is written out counts', () => {
    const name = (count: number) => ({ ...PROMPT, arguments: { name: '\u202E'.repeat(count) } })
    const most = Math.floor((MOST - '{"name":""}'.length) / '\\u{202e}'.length)
    expect(isDecidedOnPhone(name(most))).toBe(true)
    expect(isDecidedOnPhone(name(most + 1))).toBe(false)
    expect(isDecidedOnPhone({ ...PROMPT, reason: 'y'.repeat(1_501) })).toBe(false)
  })

  it('shows a long name in part, and says so', () => {
    expect(questionOf({ requesterName: 'n'.repeat(61) })).toContain(`(who is called "${'n'.repeat(60)}…" there)`)
  })
})
