import { describe, expect, it } from 'vitest'

import { placesOf } from '../../../../plugin/gateway/media/media-hosts.ts'

const hosts = ['media-ams2-1.cdn.whatsapp.net', 'mmg-fallback.whatsapp.net']
const hrefs = (url: string | null, directPath: string | null): string[] =>
  placesOf({ hosts, url, directPath }, false).map(({ href }) => href)

describe('where a file is looked for', () => {
  it('is where WhatsApp says, then the host of the sender if it is one of WhatsApp’s, then the usual one', () => {
    expect(hrefs('https://mmg.whatsapp.net/v/a.enc?x=1', '/v/a.enc?x=1')).toEqual([
      'https://media-ams2-1.cdn.whatsapp.net/v/a.enc?x=1',
      'https://mmg-fallback.whatsapp.net/v/a.enc?x=1',
      'https://mmg.whatsapp.net/v/a.enc?x=1',
    ])
    expect(hrefs('https://media-other.whatsapp.net/v/a.enc', null).at(-2)).toBe(
      'https://media-other.whatsapp.net/v/a.enc',
    )
  })

  it.each([
    'https://evil.example/v/a.enc',
    'http://169.254.169.254/latest/meta-data',
    'https://mmg.whatsapp.net.evil.example/v',
    'https://evil.example/whatsapp.net',
    'https://mmg.whatsapp.net@evil.example/v',
    'https://mmg.whatsapp.net:8443/v/a.enc',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://[::ffff:127.0.0.1]/v',
    'https://2130706433/v',
    'https://127.0.0.1/v',
    'not a url',
  ])('is never where a sender sends us: %s', url => {
    for (const place of placesOf({ hosts, url, directPath: '/v/b.enc' }, false)) {
      expect(place.protocol).toBe('https:')
      expect(place.host).toMatch(/\.whatsapp\.net$/)
      expect(place.pathname).toBe('/v/b.enc')
    }
  })

  it.each([
    '//evil.example/x',
    '/\\evil.example/x',
    '@evil.example/x',
    '.evil.example/x',
    ':81/x',
    '\t//evil.example',
    '',
  ])('is on the same host whatever its path: %j', directPath => {
    for (const place of placesOf({ hosts, url: null, directPath }, false))
      expect([...hosts, 'mmg.whatsapp.net']).toContain(place.host)
  })

  it('is on loopback, and nowhere else, on a network on loopback', () => {
    const whereabouts = {
      hosts: ['127.0.0.1:9443', 'mmg.whatsapp.net'],
      url: 'https://127.0.0.1:9444/v/a',
      directPath: '/v/a',
    }
    expect(placesOf(whereabouts, true).map(({ host }) => host)).toEqual(['127.0.0.1:9443', '127.0.0.1:9444'])
  })

  it('is nowhere when nothing says where', () => {
    expect(hrefs(null, null)).toEqual([])
    expect(hrefs(null, 'v/a.enc')).toEqual([])
  })
})
