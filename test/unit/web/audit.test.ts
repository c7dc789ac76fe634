import { describe, expect, it } from 'vitest'

import { subjectOf } from '../../../plugin/web/audit/entry.ts'
import { NO_FILTERS, passes, queryOf } from '../../../plugin/web/audit/filters.ts'
import { readEvents } from '../../../plugin/web/data/event-stream.ts'

const STREAM = ': ping\n\nid: 7\nevent: audit\ndata: {"a":1}\n\ndata: one\ndata:two\n\nevent: audit\r\ndata: é\r\n\r\n'
const EVENTS = [
  { event: 'audit', data: '{"a":1}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'audit', data: 'é' },
]

const entry = {
  decision: 'deny',
  action: 'chat.tool.execute',
  user_id: 'usr_1',
  ts: '2026-04-24T12:00:00.000Z',
} as const

describe('a stream of events', () => {
  it('gives the same events wherever it is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const read = readEvents()
      expect([...read(STREAM.slice(0, cut)), ...read(STREAM.slice(cut))]).toEqual(EVENTS)
    }
  })

  it('gives none that is not whole', () => {
    const read = readEvents()
    expect(read('event: audit\ndata: {')).toEqual([])
    expect(read('}\n')).toEqual([])
    expect(read('\n')).toEqual([{ event: 'audit', data: '{}' }])
  })
})

describe('the filters of the audit log', () => {
  it('ask for what is filled in alone', () => {
    expect(queryOf(NO_FILTERS, {})).toBe('')
    expect(queryOf({ ...NO_FILTERS, since: 'soon' }, { before: null })).toBe('')
    const filters = { decision: 'deny', action: ' a.b ', userId: 'usr_1', since: '2026-04-24T12:00Z' } as const
    expect(Object.fromEntries(new URLSearchParams(queryOf(filters, { limit: 2, before: 'aud_1' })))).toEqual({
      decision: 'deny',
      action: 'a.b',
      user_id: 'usr_1',
      since: '2026-04-24T12:00:00.000Z',
      limit: '2',
      before: 'aud_1',
    })
  })

  it('let a new entry pass that all of them take', () => {
    expect(passes(NO_FILTERS, entry)).toBe(true)
    const all = { decision: 'deny', action: 'chat.tool.execute', userId: 'usr_1', since: '2026-04-24T12:00Z' } as const
    expect(passes(all, entry)).toBe(true)
    expect(passes({ ...all, decision: 'allow' }, entry)).toBe(false)
    expect(passes({ ...all, action: 'chat.tool' }, entry)).toBe(false)
    expect(passes({ ...all, userId: 'usr_2' }, entry)).toBe(false)
    expect(passes({ ...all, since: '2026-04-24T12:01Z' }, entry)).toBe(false)
  })

  it('say in a line what an entry is about', () => {
    expect(subjectOf({ resource: { name: 'a\u202Eb' } })).toBe('name a\\u{202e}b')
    expect(subjectOf({ resource: { tool: 'service.restart', step: 1, none: null, more: {} } })).toBe(
      'tool service.restart, step 1',
    )
  })
})
