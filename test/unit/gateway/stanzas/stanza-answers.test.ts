import { decodeBinaryNode, encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { answerTo, createKindNames, isUnknown } from '../../../../plugin/gateway/stanzas/stanza-answers.ts'

const FROM_SERVER = '@s.whatsapp.net'
const BY_BAILEYS = ['message', 'receipt', 'notification', 'call']
const UNANSWERED = [
  'ack',
  'ib',
  'presence',
  'chatstate',
  'success',
  'failure',
  'stream:error',
  'stream:features',
  'error',
]

const given = (tag: string, attrs: Record<string, string>): BinaryNode => ({ tag, attrs })

describe('what is written in answer to a stanza', () => {
  it('is an ack of its own kind for a status, and for what nobody knows', () => {
    const attrs = { id: '1', from: 'status@broadcast', participant: '1@lid', type: 'media', t: '5', offline: '3' }
    const ack = { id: '1', to: 'status@broadcast', participant: '1@lid', type: 'media' }
    expect(answerTo(given('status', attrs))).toEqual({ tag: 'ack', attrs: { ...ack, class: 'status' } })
    expect(answerTo(given('appdata', attrs))).toEqual({ tag: 'ack', attrs: { ...ack, class: 'appdata' } })
    expect(answerTo(given('appdata', { id: '1', from: FROM_SERVER }))).toEqual({
      tag: 'ack',
      attrs: { id: '1', to: FROM_SERVER, class: 'appdata' },
    })
    expect(['status', 'appdata', 'iq'].map(tag => isUnknown(given(tag, attrs)))).toEqual([false, true, false])
  })

  it('is nothing where Baileys answers, or nobody does', () => {
    for (const tag of [...BY_BAILEYS, ...UNANSWERED])
      expect(answerTo(given(tag, { id: '1', from: '1@lid' })), tag).toBeNull()
  })

  it('is a result for a ping of the server, and for no other query', () => {
    const ping = { id: '7', from: FROM_SERVER, type: 'get', xmlns: 'urn:xmpp:ping' }
    const pong = { tag: 'iq', attrs: { id: '7', to: FROM_SERVER, type: 'result' } }
    expect(answerTo(given('iq', ping))).toEqual(pong)
    expect(answerTo(given('iq', { ...ping, from: 's.whatsapp.net' }))).toEqual(pong)
    for (const wrong of [{ from: '1@lid' }, { type: 'result' }, { type: 'error' }, { type: 'set' }, { xmlns: 'w:p' }])
      expect(answerTo(given('iq', { ...ping, ...wrong })), JSON.stringify(wrong)).toBeNull()
  })

  it('has no id where the ping has none, as WhatsApp’s own pings', () => {
    const pong = { tag: 'iq', attrs: { to: FROM_SERVER, type: 'result' } }
    const ping = { from: FROM_SERVER, t: '5', type: 'get', xmlns: 'urn:xmpp:ping' }
    expect(answerTo(given('iq', ping))).toEqual(pong)
    expect(answerTo(given('iq', { ...ping, id: '' }))).toEqual(pong)
    expect(answerTo(given('iq', { xmlns: 'urn:xmpp:ping' }))).toEqual(pong)
  })

  it('is an ack to nobody for what says of nobody that it is theirs', () => {
    const ack = { tag: 'ack', attrs: { id: '1', class: 'status', type: 'text' } }
    expect(answerTo(given('status', { id: '1', type: 'text' }))).toEqual(ack)
    expect(answerTo(given('status', { id: '1', from: '', type: 'text' }))).toEqual(ack)
  })

  it('is nothing for one that cannot be answered', () => {
    expect(answerTo(given('status', { from: 'status@broadcast' }))).toBeNull()
    expect(answerTo(given('status', { id: '', from: 'status@broadcast' }))).toBeNull()
  })

  it('is at most an ack or a result, whatever comes in whichever field', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '@', ':', 'status@broadcast', '1@lid', FROM_SERVER),
    )
    const tags = fc.oneof(word, fc.constantFrom('status', 'appdata', 'iq', ...BY_BAILEYS, ...UNANSWERED))
    const names = fc.constantFrom('id', 'from', 'participant', 'recipient', 'type', 'xmlns', 'class', 'offline', 'to')
    const content = fc.option(fc.oneof(fc.uint8Array(), fc.string(), fc.constant([])), { nil: undefined })
    const stanzas = fc.record({ tag: tags, attrs: fc.dictionary(names, word), content })
    fc.assert(
      fc.property(stanzas, stanza => {
        const answer = answerTo(stanza as BinaryNode)
        if (answer === null) return
        const { id, from } = stanza.attrs
        const isPong = answer.tag === 'iq'
        expect(answer.attrs['id']).toBe(id || undefined)
        expect(isPong || answer.tag === 'ack').toBe(true)
        if (isPong) expect(stanza.tag).toBe('iq')
        else expect([answer.attrs['to'], answer.attrs['class']]).toEqual([from || undefined, stanza.tag])
        expect(BY_BAILEYS).not.toContain(stanza.tag)
      }),
      { numRuns: 20_000 },
    )
  })

  it('can be read as it was written', async () => {
    const ack = answerTo(given('status', { id: '1', from: 'status@broadcast', participant: '1@lid', type: 'text' }))
    expect(await decodeBinaryNode(encodeBinaryNode(ack ?? given('none', {})))).toMatchObject(ack ?? {})
  })
})

describe('the names of kinds that nobody knows', () => {
  it('are plain words, and few', () => {
    const nameOf = createKindNames()
    expect(['appdata', 'x:y-z_9', 'Über', '', 'a'.repeat(80), '447400100000', 'a\nb'].map(nameOf)).toEqual([
      'appdata',
      'x:y-z_9',
      ...Array.from({ length: 5 }, () => 'malformed'),
    ])
    const letters = 'abcdefghijklmnopqrstuvwxyz'.split('')
    const many = letters.flatMap(first => letters.map(second => nameOf(`${first}${second}`)))
    expect(new Set(many).size).toBe(31)
    expect(nameOf('appdata')).toBe('appdata')
    expect(nameOf('late')).toBe('other')
  })
})
