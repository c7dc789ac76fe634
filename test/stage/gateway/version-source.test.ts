import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Behaviours } from '../../../host-stub/whatsapp/world/behaviours.ts'
import { FURTHEST_AHEAD, revisionOf } from '../../../plugin/contract/web-version.ts'
import { BUILT_IN } from '../../../plugin/gateway/login/version-choice.ts'
import { askSource } from '../../../plugin/gateway/login/version-source.ts'
import { startNetwork } from '../../support/network.ts'

const FIRST = revisionOf(BUILT_IN.version)
/** Less than the source really has, so that one that hangs is given up soon. */
const PATIENCE_MS = 1_000

async function serve(answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sw.js`
  return {
    asked,
    ask: () => askSource(address, BUILT_IN.version, PATIENCE_MS),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

describe('the source of the version', () => {
  it('names the newest one; whatever else stands there is not believed, and it is said what that was', async () => {
    await using network = await startNetwork()
    const says = async (version_source: Behaviours['version_source']) => {
      await network.behaves({ version_source })
      return askSource(network.versionUrl, BUILT_IN.version, PATIENCE_MS)
    }
    expect(await says(FIRST)).toEqual({ version: BUILT_IN.version })
    expect(await says(FIRST + FURTHEST_AHEAD)).toEqual({ version: `2.3000.${FIRST + FURTHEST_AHEAD}` })
    expect(await says(FIRST - 1)).toEqual({ problem: 'too_low' })
    expect(await says(FIRST + FURTHEST_AHEAD + 1)).toEqual({ problem: 'too_high' })
    expect(await says(4_294_967_295)).toEqual({ problem: 'too_high' })
    expect(await says('html')).toEqual({ problem: 'no_script' })
    expect(await says('ten_megabytes')).toEqual({ problem: 'too_large' })
    expect(await says('redirect')).toEqual({ problem: 'redirected' })
    expect(await says('not_found')).toEqual({ problem: 'refused' })
    expect(await says('drop')).toEqual({ problem: 'unreachable' })
    expect(await says('hang')).toEqual({ problem: 'too_slow' })
    expect(await says('empty')).toEqual({ problem: 'no_version' })
    expect(await says('garbage')).toEqual({ problem: 'no_version' })
    // Where it led to was never asked for.
    expect((await network.ledger()).versionAsks).toBe(13)
  })

  it('may say anything at all: one version comes of it, or a problem, and never a throw', async () => {
    let said = Buffer.alloc(0)
    await using source = await serve((_request, response) => response.end(said))
    const revision = fc.oneof(fc.nat(), fc.integer({ min: FIRST - 5, max: FIRST + 50_000_000 }), fc.string())
    const script = fc.tuple(fc.string(), revision, fc.string()).map(parts => parts.join('"client_revision":'))
    const bytes = fc.oneof(script, fc.uint8Array({ maxLength: 2_000 }))
    await fc.assert(
      fc.asyncProperty(bytes, async written => {
        said = Buffer.from(written as string)
        const sourced = await source.ask()
        if ('problem' in sourced) return
        const found = revisionOf(sourced.version)
        expect(found).toBeGreaterThanOrEqual(FIRST)
        expect(found).toBeLessThanOrEqual(FIRST + FURTHEST_AHEAD)
        expect(said.toString()).toContain(String(found))
      }),
      { numRuns: 300 },
    )
  })

  it('may write the name in any of the ways in which scripts do', async () => {
    let said = ''
    await using source = await serve((_request, response) => response.end(said))
    for (const name of [
      '"client_revision":',
      '"client_revision" : ',
      '\\"client_revision\\":',
      '\\\\\\"client_revision\\\\\\":',
      'client_revision:',
    ]) {
      said = `self.x(1,{${name}${FIRST + 7},other_client_revision:1});`
      expect(await source.ask()).toEqual({ version: `2.3000.${FIRST + 7}` })
    }
    said = `{"not_client_revision":${FIRST + 7}}`
    expect(await source.ask()).toEqual({ problem: 'no_version' })
  })

  it('is not unpacked, and is given up when it says beforehand that it is too large', async () => {
    const script = `"client_revision":${FIRST + 1}`
    await using packed = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(script)
    })
    expect(await packed.ask()).toEqual({ problem: 'no_script' })
    await using large = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 10_000_000 }).write(script)
    })
    expect(await large.ask()).toEqual({ problem: 'too_large' })
  })

  it('is WhatsApp’s own or on this machine: no other is ever connected to', async () => {
    for (const address of [
      'https://web.whatsapp.com/other.js',
      'http://web.whatsapp.com/sw.js',
      'https://192.0.2.1/sw.js',
    ])
      expect(await askSource(address, BUILT_IN.version, PATIENCE_MS)).toEqual({ problem: 'unreachable' })
    expect(await askSource('http://127.0.0.1:1/sw.js', BUILT_IN.version, PATIENCE_MS)).toEqual({
      problem: 'unreachable',
    })
  })
})
