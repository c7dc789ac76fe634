import Database from 'better-sqlite3'
import { proto, type BinaryNode, type WAMessage } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { openRecoveries, RECOVERY_SCHEMA } from '../../../../plugin/gateway/tables/recoveries.ts'
import { malformedOnes } from '../../../support/malformed-stanza.ts'

const NOW_S = 1_800_000_000
const DAY_S = 86_400

const stanzaOf = (id: string, { t = NOW_S, type }: { t?: number; type?: string } = {}): BinaryNode => ({
  tag: 'message',
  attrs: { id, from: '77@lid', t: String(t), type: 'text' },
  content: [{ tag: 'unavailable', attrs: type === undefined ? {} : { type } }],
})

function opened() {
  const database = new Database(':memory:')
  database.exec(RECOVERY_SCHEMA)
  const clock = { nowS: NOW_S }
  const me = { id: '4915:1@s.whatsapp.net', lid: '55:1@lid' }
  return { clock, recoveries: openRecoveries(database, { now: () => clock.nowS * 1_000, me: () => me }) }
}

it('is asked for five times in all, the first of which is Baileys’, and never after two weeks', () => {
  const { clock, recoveries } = opened()
  recoveries.note(stanzaOf('A'))
  const asks = Array.from({ length: 8 }, () => recoveries.takeDue().map(({ id }) => id))
  expect(asks.filter(each => each.length > 0)).toEqual([['A'], ['A'], ['A'], ['A']])
  recoveries.note(stanzaOf('B'))
  clock.nowS += 14 * DAY_S
  expect(recoveries.takeDue()).toEqual([])
})

it('is not asked for any more once it has come, and comes again in the same envelope', () => {
  const { recoveries } = opened()
  recoveries.note(stanzaOf('A'))
  const sent = { key: { id: 'A', remoteJid: '4930@s.whatsapp.net' }, message: { conversation: 'hello' } } as WAMessage
  for (let time = 0; time < 2; time += 1) {
    const whole = recoveries.inItsEnvelope(sent)
    expect([whole.key.remoteJid, whole.message?.conversation]).toEqual(['77@lid', 'hello'])
    recoveries.settle('A')
    expect(recoveries.takeDue()).toEqual([])
  }
  const other = { ...sent, key: { ...sent.key, id: 'B' } }
  expect(recoveries.inItsEnvelope(other)).toBe(other)
})

it.each([
  ['what is for one look', stanzaOf('A', { type: 'view_once_unavailable_fanout' })],
  ['what is of a device at WhatsApp itself', stanzaOf('A', { type: 'hosted_unavailable_fanout' })],
  ['what is too old', stanzaOf('A', { t: NOW_S - 15 * DAY_S })],
  [
    'what came sealed',
    { ...stanzaOf('A'), content: [{ tag: 'enc', attrs: { type: 'msg' }, content: Buffer.from('x') }] },
  ],
  ['what is of the phone', { ...stanzaOf('A'), attrs: { ...stanzaOf('A').attrs, category: 'peer' } }],
])('is never asked for: %s', (_what, stanza) => {
  const { recoveries } = opened()
  recoveries.note(stanza)
  expect(recoveries.takeDue()).toEqual([])
})

it('takes at most a hundred at once, and nothing that nobody would write', () => {
  const { recoveries } = opened()
  for (const { stanza } of malformedOnes(stanzaOf('A'), 3_000, { seed: 5 })) recoveries.note(stanza)
  for (;;) {
    const keys = recoveries.takeDue()
    expect(keys.length).toBeLessThanOrEqual(100)
    for (const messageKey of keys) proto.MessageKey.fromObject(messageKey)
    if (keys.length === 0) break
  }
})
