import { Boom, isBoom } from '@hapi/boom'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plainLine } from '../../../../plugin/contract/plain-text.ts'
import { closingOf } from '../../../../plugin/gateway/connection/close-reason.ts'
import { verdictOn, type Closing } from '../../../../plugin/gateway/connection/disconnect-policy.ts'
import { serverEndOf, tame } from '../../../../plugin/gateway/connection/server-end.ts'

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
    [400, 'client_refused'],
    [401, 'logged_out'],
    [403, 'locked'],
    [406, 'banned'],
    [409, 'client_refused'],
    [411, 'multidevice_mismatch'],
    [415, 'client_refused'],
    [418, 'client_refused'],
    [440, 'replaced'],
    [501, 'client_refused'],
    [516, 'logged_out'],
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

  it('asks for another version on 405, linked or not, and only of a server that is trusted', () => {
    const outdated = { next: 'outdated', reason: 'client_outdated' }
    expect(verdictOn(closing(405), LINKED)).toEqual(outdated)
    expect(verdictOn(closing(405), { linked: false, restarted: false })).toEqual(outdated)
    expect(verdictOn(closing(405, { attested: false }), LINKED)).toMatchObject({ next: 'back_off' })
    expect(verdictOn(closing(405, { attested: false }), { linked: false, restarted: false })).toMatchObject({
      next: 'end_pairing',
    })
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
  const boom = (statusCode: number, message: string) => Object.assign(new Error(message), { output: { statusCode } })
  const unseen = (attested: boolean) => ({ attested, serverEnd: null })
  const failure = (attrs: Record<string, string>) => ({
    attested: true,
    serverEnd: serverEndOf({ tag: 'failure', attrs }),
  })
  const nothing = { header: null, subtext: null, message: null, url: null }

  it('finds the code and the expiry of a ban', () => {
    const ban = closingOf(boom(402, 'Connection Failure'), failure({ reason: '402', expire: '60' }))
    const said = { code: '402', ...nothing }
    expect(ban).toEqual({ code: 402, cause: null, attested: true, banMs: 60_000, said })
    for (const expire of ['soon', '-1', '', 'NaN']) {
      expect(closingOf(boom(402, 'Connection Failure'), failure({ reason: '402', expire })).banMs).toBeNull()
    }
    const endless = closingOf(boom(402, 'Connection Failure'), failure({ reason: '402', expire: '1e300' }))
    expect(endless.banMs).toBe(366 * 86_400_000)
  })

  it('reads any last stanza of a server, with nothing hidden in what is shown of it', () => {
    const word = fc.string({ unit: 'binary', maxLength: 40 })
    const attrs = fc.dictionary(
      fc.constantFrom('reason', 'code', 'expire', 'message', 'url', 'logout_message_header', 'logout_message_subtext'),
      fc.oneof(word, fc.constantFrom('403', '440', '1e999', '0x190', '-1', '')),
    )
    const child = fc.record({
      tag: fc.oneof(word, fc.constantFrom('conflict', 'ack', 'text')),
      attrs: fc.dictionary(fc.constant('type'), word),
    })
    const stanza = fc.record({
      tag: fc.constantFrom('failure', 'stream:error'),
      attrs,
      content: fc.array(child, { maxLength: 3 }),
    })
    const isSafe = (text: string | null): boolean => text === null || (text.length <= 1_000 && plainLine(text) === text)
    fc.assert(
      fc.property(stanza, node => {
        const serverEnd = serverEndOf(node)
        const closing = closingOf(boom(500, 'Connection Failure'), { attested: true, serverEnd })
        const verdict = verdictOn(closing, LINKED)
        tame(node)
        const left = node.attrs[node.tag === 'failure' ? 'reason' : 'code'] || '500'
        // As Baileys does.
        const isTaken = isBoom(new Boom('', { statusCode: Number(left) }))
        const isReplaced = node.content.some(({ tag, attrs: { type } }) => tag === 'conflict' && type === 'replaced')
        const stops = verdict.next === 'stop' && verdict.reason === 'replaced'
        const words = Object.values(serverEnd?.words ?? {})
        return isTaken && words.length === 5 && words.every(isSafe) && (!stops || isReplaced) && closing.banMs !== 0
      }),
      { numRuns: 20_000 },
    )
  })

  it('knows a refused certificate and a refused pairing by their words', () => {
    expect(closingOf(boom(400, 'noise certificate signature invalid'), unseen(false)).cause).toBe('server_not_trusted')
    expect(closingOf(boom(400, 'certification match failed'), unseen(false)).cause).toBe('server_not_trusted')
    expect(closingOf(boom(500, 'Failed to verify account signature'), unseen(true)).cause).toBe('pairing_refused')
    expect(closingOf(boom(500, 'Invalid account signature'), unseen(true)).cause).toBe('pairing_refused')
  })

  it('takes an error without a code as one', () => {
    expect(closingOf(undefined, unseen(false))).toEqual({ code: null, cause: null, attested: false, banMs: null })
  })
})
