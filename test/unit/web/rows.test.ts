import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../../plugin/contract/api/messages.ts'
import { albumWords, rowsOf } from '../../../plugin/web/messages/rows.ts'
import { wireMessage } from '../../support/wire-message.ts'

let last = 0
const message = (more: Partial<WireMessage>) =>
  wireMessage({ id: `msg_${String((last += 1)).padStart(4, '0')}`, outcome: 'answered', ...more })

const parent = (album: string, images: number, more: Partial<WireMessage> = {}) =>
  message({ kind: 'album', album, details: { images, videos: 0 }, outcome: 'ignored: album', ...more })
const picture = (album: string, more: Partial<WireMessage> = {}) => message({ kind: 'media', album, ...more })

/** As they came, and shown newest first. */
const shown = (...messages: WireMessage[]) => rowsOf(messages.toReversed())

describe('the rows of the page', () => {
  it('are the messages, where none is of an album', () => {
    const [one, two] = [message({}), message({})]
    expect(shown(one, two).map(({ lead }) => lead)).toEqual([two, one])
  })

  it('have one row for an album, with its pictures oldest first, where the first of them stands', () => {
    const [above, announces, first] = [message({}), parent('A', 3), picture('A')]
    const [between, second, third] = [message({}), picture('A', { gathered_in: first.id }), picture('A')]
    const rows = shown(above, announces, first, between, second, third)
    expect(rows.map(({ lead }) => lead.id)).toEqual([between.id, first.id, above.id])
    expect(rows[1]?.parts).toEqual([first, second, third])
    expect(rows.map(albumWords)).toEqual([null, 'An album of 3', null])
  })

  it('say what became of the picture that has the turn', () => {
    const head = picture('A')
    const early = picture('A', { gathered_in: head.id })
    expect(shown(parent('A', 2), { ...early, id: 'msg_0' }, head)[0]?.lead).toBe(head)
  })

  it('say how many of an album came', () => {
    expect(shown(parent('A', 5), picture('A'), picture('A')).map(albumWords)).toEqual(['An album: 2 of 5 received'])
    expect(shown(parent('A', 5)).map(albumWords)).toEqual(['An album: 0 of 5 received'])
    expect(shown(picture('A'), picture('A')).map(albumWords)).toEqual(['An album of 2'])
    expect(shown(parent('A', 5, { details: null }), picture('A')).map(albumWords)).toEqual(['An album of 1'])
  })

  it('keep albums of one name apart by their account, chat and sender', () => {
    const rows = shown(
      picture('A'),
      picture('A', { account: 'sales' }),
      picture('A', { chat: '1@g.us' }),
      picture('A', { chat: '1@g.us', from: '+972500000003' }),
    )
    expect(rows).toHaveLength(4)
  })
})
