import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createGuard } from '../../host-stub/agentcy/guard.ts'

const guard = createGuard({ host: '127.0.0.1', port: 8080 })
const asked = (headers: Record<string, string>, url = '/api/v1/channels') => ({
  url,
  headers: { host: '127.0.0.1:8080', ...headers },
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
    expect(guard({ url: '/', headers: {} })).toBe(false)
  })

  it('refuses a request that names a server in its target', () => {
    expect(guard(asked({}, 'http://evil.example/'))).toBe(false)
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

  it('knows the address it was told to listen on', () => {
    const elsewhere = createGuard({ host: 'fd00::7', port: 80 })
    expect(elsewhere(asked({ host: '[fd00::7]:80' }))).toBe(true)
    expect(elsewhere(asked({ host: '[fd00::7]' }))).toBe(true)
    expect(elsewhere(asked({ host: '[fd00::8]:80' }))).toBe(false)
  })

  it('takes no wildcard address as a name', () => {
    const open = createGuard({ host: '0.0.0.0', port: 8080 })
    expect(open(asked({ host: '0.0.0.0:8080' }))).toBe(false)
    expect(open(asked({ host: 'localhost:8080' }))).toBe(true)
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
