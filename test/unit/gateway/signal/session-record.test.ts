import { describe, expect, it } from 'vitest'

import { isOpenWith, withoutVainSteps, type SessionRecord } from '../../../../plugin/gateway/signal/session-record.ts'

const IDENTITY = Buffer.from('identity')

/** A session as libsignal writes it, `step` standing for its chains. */
const session = (used: number, step: number, closed = -1) => ({
  registrationId: 7,
  indexInfo: { closed, used, remoteIdentityKey: IDENTITY.toString('base64') },
  step,
})
const record = (sessions: SessionRecord['_sessions']) => ({ version: 'v1', _sessions: sessions })

describe('sessions of which one gave a plaintext', () => {
  it('change in that one only', () => {
    const before = record({ older: session(1, 0, 5), newer: session(2, 0) })
    const after = record({ older: session(9, 1, 5), newer: session(2, 1) })
    expect(withoutVainSteps(before, after)).toEqual(record({ older: session(9, 1, 5), newer: session(2, 0) }))
  })

  it('change in the one that was used last when it was used within the same millisecond', () => {
    const before = record({ older: session(9, 1, 5), newer: session(2, 0) })
    const after = record({ older: session(9, 2, 5), newer: session(2, 1) })
    expect(withoutVainSteps(before, after)).toEqual(record({ older: session(9, 2, 5), newer: session(2, 0) }))
  })

  it('change in it also after the clock was set back', () => {
    const before = record({ older: session(50, 0, 5), newer: session(60, 0) })
    const after = record({ older: session(3, 1, 5), newer: session(60, 1) })
    expect(withoutVainSteps(before, after)).toEqual(record({ older: session(3, 1, 5), newer: session(60, 0) }))
  })
})

describe('a session that serves', () => {
  const device = { registrationId: 7, identityKey: IDENTITY }

  it('is open, and with the very device', () => {
    expect(isOpenWith(record({ older: session(1, 0, 5), newer: session(2, 0) }), device)).toBe(true)
  })

  it.each([
    ['there is none', undefined, device],
    ['all are closed', record({ only: session(1, 0, 5) }), device],
    ['the app was installed anew', record({ only: session(1, 0) }), { ...device, registrationId: 8 }],
    ['the identity is another', record({ only: session(1, 0) }), { ...device, identityKey: Buffer.from('other') }],
  ])('is not there when %s', (_, kept, offered) => {
    expect(isOpenWith(kept, offered)).toBe(false)
  })
})
