import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createOriginCheck } from '../../../host-stub/agentcy/origin-check.ts'

const guard = createOriginCheck({ port: 8080 })
const LOOPBACK = '127.0.0.1'
const asked = (headers: Record<string, string>, { url = '/api/v1/channels', at = LOOPBACK } = {}) => ({
  url,
  headers: { host: '127.0.0.1:8080', ...headers },
  socket: { localAddress: at },
})

describe('the guard', () => {
  it.each(['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST:8080', '[::1]:8080'])('lets %s pass as Host', host => {
    expect(guard(asked({ host }))).toBe(true)
  })

  it.each([
    '127.0.0.1',
    'localhost:8081',
    '0.0.0.0:8080',
    'evil.example:8080',
    'localhost.evil.example:8080',
    '[::]:8080',
    '',
  ])('refuses "%s" as Host', host => {
    expect(guard(asked({ host }))).toBe(false)
  })

  it('refuses a request without Host', () => {
    expect(guard({ url: '/', headers: {}, socket: { localAddress: LOOPBACK } })).toBe(false)
  })

  it('refuses a request that names a server in its target', () => {
    expect(guard(asked({}, { url: 'http://evil.example/' }))).toBe(false)
  })

  it.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])(
    'lets the own origin %s pass',
    origin => {
      expect(guard(asked({ origin }))).toBe(true)
    },
  )

  it.each(['null', 'http://evil.example', 'https://127.0.0.1:8080', 'http://127.0.0.1:8081', 'http://127.0.0.1', ''])(
    'refuses the origin "%s"',
    origin => {
      expect(guard(asked({ origin }))).toBe(false)
    },
  )

  it.each(['same-origin', 'none'])('lets a browser request pass that is %s', site => {
    expect(guard(asked({ 'sec-fetch-site': site }))).toBe(true)
  })

  it.each(['cross-site', 'same-site', 'Cross-Site'])('refuses a browser request that is %s', site => {
    expect(guard(asked({ 'sec-fetch-site': site }))).toBe(false)
  })

  it.each([
    ['192.0.2.7', '192.0.2.7:8080'],
    ['::ffff:192.0.2.7', '192.0.2.7:8080'],
    ['fd00::7', '[fd00::7]:8080'],
    ['fd00::7', '[FD00::7]:8080'],
    ['::ffff:127.0.0.1', 'localhost:8080'],
    ['::1', '[::1]:8080'],
    ['127.0.0.2', '127.0.0.2:8080'],
    ['127.0.0.2', '127.0.0.1:8080'],
  ])('reached at %s, lets it be called %s', (at, host) => {
    expect(guard(asked({ host }, { at }))).toBe(true)
    expect(guard(asked({ host, origin: `http://${host}` }, { at }))).toBe(true)
  })

  it.each([
    ['192.0.2.7', '127.0.0.1:8080'],
    ['192.0.2.7', 'localhost:8080'],
    ['192.0.2.7', '[::1]:8080'],
    ['192.0.2.7', '192.0.2.8:8080'],
    ['192.0.2.7', '[::ffff:192.0.2.7]:8080'],
    ['fd00::7', '[fd00::8]:8080'],
    ['fd00::7', 'fd00::7:8080'],
    ['127.0.0.1', '192.0.2.7:8080'],
    ['1270.0.0.1', '127.0.0.1:8080'],
  ])('reached at %s, does not let it be called %s', (at, host) => {
    expect(guard(asked({ host }, { at }))).toBe(false)
  })

  it('knows no name where it is not known what was reached', () => {
    expect(guard({ ...asked({}), socket: {} })).toBe(false)
  })

  it('takes an origin of the address that was reached alone', () => {
    const host = '192.0.2.7:8080'
    expect(guard(asked({ host, origin: 'http://127.0.0.1:8080' }, { at: '192.0.2.7' }))).toBe(false)
  })

  it('needs no port in a name at 80', () => {
    const elsewhere = createOriginCheck({ port: 80 })
    expect(elsewhere(asked({ host: '[fd00::7]' }, { at: 'fd00::7' }))).toBe(true)
    expect(elsewhere(asked({ host: '[fd00::7]:80' }, { at: 'fd00::7' }))).toBe(true)
    expect(elsewhere(asked({ host: '[fd00::8]:80' }, { at: 'fd00::7' }))).toBe(false)
  })

  it('refuses every other Host and every other Origin', () => {
    const own = ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080']
    fc.assert(
      fc.property(fc.string(), text => {
        fc.pre(!own.includes(text.toLowerCase()) && !own.includes(text.toLowerCase().replace('http://', '')))
        expect(guard(asked({ host: text }))).toBe(false)
        expect(guard(asked({ origin: text }))).toBe(false)
      }),
    )
  })
})
