import type { LookupAddress } from 'node:dns'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import { isPublicAddress } from '../../plugin/media/public-address.ts'
import { RemoteFiles } from '../../plugin/media/remote-file.ts'
import { webServer, type WebServer } from '../support/web-server.ts'

const LOOPBACK = '127.0.0.1'
const MOST = 1_000_000

/** What the server does at each path. */
const paths: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/file': (_, response) => void response.end('the file'),
  '/endless': (_, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      response.once('drain', write)
    }
    write()
  },
  '/large': (_, response) => response.writeHead(200, { 'content-length': MOST + 1 }).flushHeaders(),
  '/packed': (_, response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
  '/silent': () => undefined,
  '/drip': (_, response) => {
    const drip = setInterval(() => response.write('.'), 20)
    response.once('close', () => clearInterval(drip))
  },
  '/broken': (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half')
    setImmediate(() => response.destroy())
  },
  '/refused': (_, response) => void response.writeHead(401).end(),
  '/again': ({ url = '' }, response) => {
    const left = Number(new URLSearchParams(url.split('?')[1]).get('left'))
    response.writeHead(302, { location: left > 1 ? `/again?left=${left - 1}` : '/file' }).end()
  },
  '/elsewhere': ({ url = '' }, response) => {
    response.writeHead(302, { location: new URLSearchParams(url.split('?')[1]).get('to') ?? '' }).end()
  },
}

let server: WebServer
beforeAll(async () => {
  server = await webServer(['files.example'], (request, response) =>
    paths[request.url?.split('?')[0] ?? '']?.(request, response),
  )
})
afterAll(() => server[Symbol.asyncDispose]())

const at = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })

/** Fetches as the plugin does, in a world where files.example is out on the internet, at the address of our server. */
async function fetched(
  address: string,
  {
    resolve,
    mostBytes = MOST,
    isPublic,
  }: { resolve?: LookupAddress[]; mostBytes?: number; isPublic?: typeof isPublicAddress } = {},
): Promise<string> {
  const remote = new RemoteFiles({
    resolve: async () => resolve ?? [at(LOOPBACK)],
    isPublic: isPublic ?? (each => each === LOOPBACK || isPublicAddress(each)),
    authority: server.authority,
    times: { idleMs: 300, wholeMs: 1_000 },
  })
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of remote.read(address, mostBytes)) {
      chunks.push(chunk)
      if (Buffer.concat(chunks).length > mostBytes) return 'more than was allowed'
    }
  } catch (error) {
    return error instanceof ChannelError ? error.code : String(error)
  }
  return Buffer.concat(chunks).toString()
}

const there = (path: string): string => `https://files.example:${server.port}${path}`
const NOT_FETCHED = 'url_not_fetched'

describe('F55: a file at an address that somebody names', () => {
  it('is fetched when it is in public, also after three redirects', async () => {
    expect(await fetched(there('/file'))).toBe('the file')
    expect(await fetched(there('/again?left=3'))).toBe('the file')
    expect(await fetched(there('/again?left=4'))).toBe(NOT_FETCHED)
  })

  it.each([
    ['loopback', 'https://127.0.0.1/x'],
    ['a private network', 'https://192.168.0.1/x'],
    ['a metadata service', 'https://169.254.169.254/latest/meta-data'],
    ['loopback, mapped into IPv6', 'https://[::ffff:127.0.0.1]/x'],
    ['loopback as one number', 'https://2130706433/x'],
    ['loopback in octal', 'https://0177.0.0.1/x'],
    ['loopback in hex', 'https://0x7f000001/x'],
    ['loopback in short', 'https://127.1/x'],
    ['a file', 'file:///etc/passwd'],
    ['a path', 'file:/etc/passwd'],
    ['data', 'data:text/plain,x'],
    ['no encryption', 'http://files.example/x'],
    ['a user', 'https://user@files.example/x'],
    ['a password', 'https://:secret@files.example/x'],
  ])('is not fetched when that is %s', async (_, address) => {
    expect(await fetched(address, { isPublic: isPublicAddress })).toBe(NOT_FETCHED)
  })

  it('is not asked for when its name stands for an address inside, alone or among others', async () => {
    const before = server.asked.length
    const inside = { isPublic: isPublicAddress }
    expect(await fetched(there('/file'), { ...inside, resolve: [at(LOOPBACK)] })).toBe(NOT_FETCHED)
    expect(await fetched(there('/file'), { ...inside, resolve: [at('1.1.1.1'), at(LOOPBACK)] })).toBe(NOT_FETCHED)
    expect(await fetched(there('/file'), { ...inside, resolve: [at('::ffff:127.0.0.1')] })).toBe(NOT_FETCHED)
    expect(await fetched(there('/file'), { resolve: [] })).toBe(NOT_FETCHED)
    expect(server.asked).toHaveLength(before)
  })

  it('is not asked for when the address turns out to be inside once it is connected', async () => {
    const before = server.asked.length
    let looks = 0
    // Public when it is resolved, and something else when the connection stands.
    const isPublic = (): boolean => (looks += 1) === 1
    expect(await fetched(there('/file'), { isPublic })).toBe(NOT_FETCHED)
    expect(looks).toBe(2)
    expect(server.asked).toHaveLength(before)
  })

  it.each([
    ['inside', 'https://169.254.169.254/latest/meta-data'],
    ['to a file', 'file:///etc/passwd'],
    ['to no encryption', 'http://files.example/x'],
    ['with a password', 'https://u:p@files.example/x'],
  ])('is not followed %s', async (_, to) => {
    expect(await fetched(there(`/elsewhere?to=${encodeURIComponent(to)}`))).toBe(NOT_FETCHED)
  })

  it('is not taken when it is too large, said or not', async () => {
    expect(await fetched(there('/large'))).toBe('media_too_large')
    expect(await fetched(there('/endless'))).toBe('more than was allowed')
  })

  it.each(['/packed', '/silent', '/drip', '/broken', '/refused'])(
    'is not fetched from a server that does not just give it: %s',
    async path => {
      expect(await fetched(there(path))).toBe(NOT_FETCHED)
    },
  )

  it('is not fetched from a server whose certificate nobody vouches for', async () => {
    await using impostor = await webServer(['files.example'], (_, response) => void response.end('a lie'))
    expect(await fetched(`https://files.example:${impostor.port}/file`)).toBe(NOT_FETCHED)
    expect(impostor.asked).toEqual([])
  })
})
