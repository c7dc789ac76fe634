import type { BinaryNode } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Phone } from '../../../../plugin/contract/ids.ts'
import { lookUp, readLookup, type LookupSource } from '../../../../plugin/gateway/account/contact-lookup.ts'
import { given, person } from '../../../support/store.ts'

const ASKED = given(person(null, '5511987654321').phone)
const SILENT = { outcome: 'unanswered', code: null }

const node = (tag: string, attrs: Record<string, string>, content?: BinaryNode['content']): BinaryNode =>
  content === undefined ? { tag, attrs } : { tag, attrs, content }

const answerOf = (...users: BinaryNode[]): BinaryNode =>
  node('iq', { type: 'result' }, [node('usync', {}, [node('list', {}, users)])])

const userOf = (jid: string, ...says: BinaryNode[]): BinaryNode => node('user', { jid }, says)
const contact = (type: string, content?: BinaryNode['content']): BinaryNode => node('contact', { type }, content)
const IN = contact('in')
const LID = node('lid', { val: '777@lid' })
const numbered = (jid: string | undefined, ...more: BinaryNode[]): BinaryNode =>
  node('user', { ...(jid !== undefined && { jid }), pn_jid: '551187654321@s.whatsapp.net' }, [IN, ...more])

describe('an answer to the question whether a number is on WhatsApp', () => {
  it.each([
    ['names the number itself', [userOf('5511987654321@s.whatsapp.net', IN)], person(null, '5511987654321')],
    ['names another spelling', [userOf('551187654321@s.whatsapp.net', IN)], person(null, '551187654321')],
    ['names the LID as well', [userOf('551187654321@s.whatsapp.net', IN, LID)], person('777', '551187654321')],
    ['names the LID in place of it', [userOf('777@lid', IN)], person('777', '5511987654321')],
    ['names the LID alone', [node('user', {}, [IN, LID])], person('777', '5511987654321')],
    ['names the LID, and the number beside it', [numbered('777@lid')], person('777', '551187654321')],
    ['names the number beside the LID alone', [numbered(undefined, LID)], person('777', '551187654321')],
    [
      'repeats what was asked',
      [userOf('551187654321@s.whatsapp.net', contact('in', '+5511987654321'))],
      person(null, '551187654321'),
    ],
  ])('%s', (_, users, found) => {
    expect(readLookup(answerOf(...users), ASKED)).toEqual({ outcome: 'found', person: found })
  })

  it.each([
    ['out', [userOf('5511987654321@s.whatsapp.net', contact('out'))]],
    ['invalid, and names nobody', [node('user', {}, [contact('invalid')])]],
  ])('says that nobody has it: %s', (_, users) => {
    expect(readLookup(answerOf(...users), ASKED)).toEqual({ outcome: 'absent' })
  })

  it.each([
    ['an empty list', answerOf()],
    ['two people for one number', answerOf(userOf('1234567@s.whatsapp.net', IN), userOf('7654321@s.whatsapp.net', IN))],
    ['nobody', answerOf(node('user', {}, [IN]))],
    [
      'no LID where one is said to be',
      answerOf(node('user', {}, [IN, node('lid', { val: '1234567@s.whatsapp.net' })])),
    ],
    ['a group, and a LID beside it', answerOf(userOf('120363000000000001@g.us', IN, LID))],
    ['a group', answerOf(userOf('120363000000000001@g.us', IN))],
    ['a kind that nobody knows', answerOf(userOf('1234567@s.whatsapp.net', contact('perhaps')))],
    [
      'an error for that number',
      answerOf(userOf('1234567@s.whatsapp.net', contact('in', [node('error', { code: '500' })]))),
    ],
    ['no list at all', node('iq', { type: 'result' }, [node('usync', {})])],
    ['nothing', node('iq', { type: 'result' })],
  ])('is none: %s', (_, answer) => {
    expect(readLookup(answer, ASKED)).toEqual(SILENT)
  })
})

const text = fc.oneof(
  fc.constantFrom(
    'in',
    'out',
    'invalid',
    'user',
    'list',
    'contact',
    'usync',
    '1@lid',
    '4915112345678@s.whatsapp.net',
    '@',
  ),
  fc.string({ maxLength: 20 }),
)
const attrs = fc.dictionary(fc.constantFrom('jid', 'type', 'val', 'code', 'id'), text, { maxKeys: 3 })
const tag = fc.oneof(
  fc.constantFrom('iq', 'usync', 'list', 'user', 'contact', 'lid', 'error'),
  fc.string({ maxLength: 8 }),
)
const { tree } = fc.letrec<{ tree: BinaryNode }>(tie => ({
  tree: fc.record({
    tag,
    attrs,
    content: fc.oneof(
      { maxDepth: 5 },
      fc.constant(undefined),
      fc.string({ maxLength: 8 }),
      fc.uint8Array({ maxLength: 8 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }) as fc.Arbitrary<BinaryNode>,
}))

/** Somewhere in a good answer there is another tree. */
const spoilt = fc.tuple(fc.integer({ min: 0, max: 4 }), tree).map(([depth, other]) => {
  const good = [userOf('551187654321@s.whatsapp.net', IN, LID), node('list', {}), node('usync', {}), node('iq', {})]
  const under = (level: number, inner: BinaryNode): BinaryNode =>
    level > 3
      ? inner
      : under(
          level + 1,
          level === depth ? other : { ...given(good[level]), content: [inner, ...(depth === 4 ? [other] : [])] },
        )
  return under(1, depth === 0 ? other : given(good[0]))
})

describe('20,000 answers that are malformed', () => {
  it('each have an outcome, and none names somebody without a number', () => {
    fc.assert(
      fc.property(fc.oneof(tree, spoilt), answer => {
        const read = readLookup(answer, ASKED)
        if (read.outcome === 'found') expect(read.person.phone).toMatch(/^\+[1-9][0-9]{6,14}$/)
        else expect([{ outcome: 'absent' }, SILENT]).toContainEqual(read)
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('a LID alone', () => {
  const alone = (val: string) => readLookup(answerOf(node('user', {}, [IN, node('lid', { val })])), ASKED)

  it('is an address when it is one, with or without a device', () => {
    const digits = fc.bigInt({ min: 1n, max: 10n ** 14n }).map(String)
    const suffix = fc.constantFrom('', ':0', ':12')
    fc.assert(
      fc.property(digits, suffix, fc.constantFrom('lid', 'hosted.lid'), (lid, device, server) => {
        expect(alone(`${lid}${device}@${server}`)).toEqual({ outcome: 'found', person: { lid, phone: ASKED } })
      }),
      { numRuns: 5_000 },
    )
  })

  it('is no answer when it is anything else', () => {
    const server = fc.constantFrom('s.whatsapp.net', 'g.us', 'newsletter', 'broadcast', 'LID', 'lid.', '')
    const others = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), server).map(([user, at]) => `${user}@${at}`),
    )
    fc.assert(
      fc.property(
        others.filter(each => !/^[0-9]+(_[0-9]+)?(:[0-9]+)?@(hosted\.)?lid$/.test(each)),
        val => {
          expect(alone(val)).toEqual(SILENT)
        },
      ),
      { numRuns: 20_000 },
    )
  })
})

/** A line that answers as it is told, and the pairs of addresses that it was told to keep. */
function source(answer: () => Promise<unknown>) {
  const kept: unknown[] = []
  const asked: BinaryNode[] = []
  const made = {
    query: (query: BinaryNode) => {
      asked.push(query)
      return answer()
    },
    generateMessageTag: () => 'tag',
    signalRepository: {
      lidMapping: { storeLIDPNMappings: (pairs: unknown[]) => Promise.resolve(void kept.push(...pairs)) },
    },
  }
  return { kept, asked, line: made as unknown as LookupSource }
}

const asking = (answer: () => Promise<unknown>, number: Phone = ASKED) => {
  const { line, ...seen } = source(answer)
  return { ...seen, outcome: lookUp(line, number) }
}

describe('a question to WhatsApp', () => {
  it('names the number with its plus, and keeps the pair of addresses that it learns', async () => {
    const { outcome, asked, kept } = asking(() =>
      Promise.resolve(answerOf(userOf('551187654321@s.whatsapp.net', IN, LID))),
    )
    expect(await outcome).toMatchObject({ outcome: 'found' })
    expect(kept).toEqual([{ lid: '777@lid', pn: '551187654321@s.whatsapp.net' }])
    expect(JSON.stringify(asked)).toContain('"tag":"contact","attrs":{},"content":"+5511987654321"')
  })

  it.each([
    ['refused', () => Promise.reject(Object.assign(new Error('rate-overlimit'), { data: 429 })), 429],
    ['cut off', () => Promise.reject(new Error('Connection Closed')), null],
    ['left without an answer', () => Promise.resolve(undefined), null],
  ])('that is %s says so', async (_, answer, code) => {
    expect(await asking(answer).outcome).toEqual({ outcome: 'unanswered', code })
  })
})
