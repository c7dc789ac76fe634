import { describe, expect, it } from 'vitest'

import { commandNamed } from '../../../../client/command-table.ts'
import { HostRefused, reasonOf } from '../../../../client/command/refusal.ts'
import { REMEDIES } from '../../../../client/texts/remedies.ts'
import { ERRORS, type ErrorCode } from '../../../../plugin/contract/errors/errors.ts'

const codes = Object.keys(ERRORS) as ErrorCode[]
const RETRY_AT = '2026-01-02T15:00:00.000Z'
const HTTP = /\/api\/v1|\b(GET|POST|PUT|PATCH|DELETE)\b|Authorization:|retry_at/

const refused = (code: ErrorCode, message: string = ERRORS[code].sentence, more: object = {}) =>
  new HostRefused({ code, message, request_id: 'req_1', ...more })

/** The commands that a text says to run, without the placeholders. */
const commandsIn = (text: string): string[][] =>
  [...text.matchAll(/agentcy-whatsapp ([^;]*)/g)].map(([, words = '']) => words.trim().split(/ +/))

describe('what a command says of a refusal', () => {
  it.each(codes)('%s names no path of the API, its code and its request', code => {
    const said = reasonOf(refused(code, ERRORS[code].sentence, { retry_at: RETRY_AT }), 'http://x', 'sales')
    expect(said).not.toMatch(HTTP)
    expect(said).toContain(`(${code}, req_1)`)
    expect(said).toContain(`\n  → Again at ${RETRY_AT}.`)
  })

  it.each(codes.filter(code => HTTP.test(ERRORS[code].sentence) && !ERRORS[code].sentence.includes('openapi')))(
    '%s, whose sentence names a call of the API, says what to do at the command line',
    code => {
      const said = reasonOf(refused(code, ERRORS[code].sentence, { retry_at: RETRY_AT }), 'http://x')
      const isAboutTime = !/\/api|GET|POST|DELETE|Authorization/.test(ERRORS[code].sentence)
      expect(said).toMatch(isAboutTime ? /\n {2}→ Again at/ : /\n {2}→ .*(agentcy-whatsapp |AGENTCY_TOKEN)/)
    },
  )

  it.each(Object.entries(REMEDIES))('the commands for %s are there', (_, remedy) => {
    for (const of of ['', ' --account sales']) {
      for (const words of commandsIn(remedy(of))) expect(commandNamed(words)).not.toBeNull()
    }
  })

  it('names the account that the command named, and no other text in its place', () => {
    const say = (account?: string) => reasonOf(refused('not_paired'), 'http://x', account).split('\n')[1]
    expect(say('sales')).toBe('  → Run: agentcy-whatsapp pair --account sales')
    expect(say()).toBe('  → Run: agentcy-whatsapp pair')
    for (const wrong of ['; rm -rf ~', '', 'a b', '$(x)', 'x'.repeat(65)]) {
      expect(say(wrong)).toBe('  → Run: agentcy-whatsapp pair')
    }
  })

  it.each([
    [
      'channel_not_configured',
      'This org has no account of this name. GET /api/v1/channels lists its accounts: use one of them as "account", or POST /api/v1/channels/whatsapp/configure this one first.',
      'This org has no account of this name. (channel_not_configured, req_1)',
    ],
    [
      'bad_request',
      'The request does not fit the schema: "to" must be a phone number.',
      'The request does not fit the schema: "to" must be a phone number. (bad_request, req_1)',
    ],
    [
      'client_outdated',
      'See https://web.whatsapp.com. Wait.',
      'See https://web.whatsapp.com. Wait. (client_outdated, req_1)',
    ],
    ['not_found', 'GET /api/v1/channels', 'GET /api/v1/channels (not_found, req_1)'],
    ['unauthorized', ERRORS.unauthorized.sentence, 'The host refused the call. (unauthorized, req_1)'],
    ['too_many_calls', ERRORS.too_many_calls.sentence, `${ERRORS.too_many_calls.sentence} (too_many_calls, req_1)`],
  ] as const)('of %s it keeps what is no word about HTTP: %s', (code, message, said) => {
    expect(reasonOf(refused(code, message), 'http://x').split('\n')[0]).toBe(said)
  })
})
