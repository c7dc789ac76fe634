import { describe, expect, it } from 'vitest'

import { closingOf } from '../../plugin/gateway/closing.ts'
import { verdictOn, type Closing } from '../../plugin/gateway/disconnect.ts'

const closing = (code: number | null, more: Partial<Closing> = {}): Closing => ({
  code,
  cause: null,
  attested: true,
  banMs: null,
  ...more,
})
const LINKED = { linked: true, restarted: false }

describe('the disconnect table', () => {
  it.each([
    [401, 'logged_out'],
    [403, 'forbidden'],
    [405, 'client_outdated'],
    [406, 'client_refused'],
    [411, 'multidevice_mismatch'],
    [440, 'replaced'],
  ])('stops a linked account on %i', (code, reason) => {
    expect(verdictOn(closing(code), LINKED)).toMatchObject({ next: 'stop', reason })
  })

  it.each([
    [408, 'connection_lost'],
    [428, 'connection_closed'],
    [500, 'stream_error'],
    [503, 'unavailable'],
    [599, 'stream_error'],
    [null, 'stream_error'],
  ])('backs off on %s', (code, reason) => {
    expect(verdictOn(closing(code), LINKED)).toEqual({ next: 'back_off', reason })
  })

  it('restarts at once on 515, and backs off on the next one', () => {
    expect(verdictOn(closing(515), LINKED)).toEqual({ next: 'restart', reason: 'restart_required' })
    const again = verdictOn(closing(515), { linked: true, restarted: true })
    expect(again).toEqual({ next: 'back_off', reason: 'restart_required' })
  })

  it('waits for the expiry of a temporary ban, and an hour when none is named', () => {
    const ban = verdictOn(closing(402, { banMs: 90_000 }), LINKED)
    expect(ban).toEqual({ next: 'wait', reason: 'temporary_ban', waitMs: 90_000 })
    expect(verdictOn(closing(402), LINKED)).toMatchObject({ next: 'wait', waitMs: 3_600_000 })
  })

  it('lets nothing stop an account that no trusted server has said', () => {
    for (const code of [401, 403, 405, 440]) {
      expect(verdictOn(closing(code, { attested: false }), LINKED)).toMatchObject({ next: 'back_off' })
    }
  })

  it('backs off, saying so, when the server is not trusted', () => {
    const untrusted = closing(null, { cause: 'server_not_trusted', attested: false })
    expect(verdictOn(untrusted, LINKED)).toEqual({ next: 'back_off', reason: 'server_not_trusted' })
  })

  it('backs off when the file cannot be written, and stops when it is damaged', () => {
    const full = closing(428, { cause: 'storage' })
    expect(verdictOn(full, LINKED)).toEqual({ next: 'back_off', reason: 'storage' })
    const damaged = closing(428, { cause: 'state_unreadable' })
    expect(verdictOn(damaged, LINKED)).toMatchObject({ next: 'stop', reason: 'state_unreadable' })
  })

  it('ends the pairing when there is no login to come back with', () => {
    const unlinked = { linked: false, restarted: false }
    expect(verdictOn(closing(408), unlinked)).toEqual({ next: 'end_pairing', reason: 'connection_lost' })
    const refused = closing(500, { cause: 'pairing_refused' })
    expect(verdictOn(refused, unlinked)).toEqual({ next: 'end_pairing', reason: 'pairing_refused' })
    expect(verdictOn(closing(515), unlinked)).toMatchObject({ next: 'restart' })
  })
})

describe('the reading of a close', () => {
  const boom = (statusCode: number, message: string, data?: unknown) =>
    Object.assign(new Error(message), { output: { statusCode }, data })

  it('finds the code and the expiry of a ban', () => {
    const ban = boom(402, 'Connection Failure', { reason: '402', expire: '60' })
    expect(closingOf(ban, true)).toEqual({ code: 402, cause: null, attested: true, banMs: 60_000 })
    expect(closingOf(boom(402, 'Connection Failure', { expire: 'soon' }), true).banMs).toBeNull()
  })

  it('knows a refused certificate and a refused pairing by their words', () => {
    expect(closingOf(boom(400, 'noise certificate signature invalid'), false).cause).toBe('server_not_trusted')
    expect(closingOf(boom(400, 'certification match failed'), false).cause).toBe('server_not_trusted')
    expect(closingOf(boom(500, 'Failed to verify account signature'), true).cause).toBe('pairing_refused')
    expect(closingOf(boom(500, 'Invalid account signature'), true).cause).toBe('pairing_refused')
  })

  it('takes an error without a code as one', () => {
    expect(closingOf(undefined, false)).toEqual({ code: null, cause: null, attested: false, banMs: null })
  })
})
