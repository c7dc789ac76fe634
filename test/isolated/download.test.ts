import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { download, type Downloaded } from '../../plugin/gateway/media/download.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { webServer, type WebServer } from '../support/web-server.ts'

// The gateway trusts what its process was started to trust; these stories are about times.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'

const paths: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/drip': (_, response) => {
    const drip = setInterval(() => response.write('.'), 20)
    response.once('close', () => clearInterval(drip))
  },
  '/silent': () => undefined,
}
let server: WebServer
beforeAll(async () => {
  server = await webServer([], (request, response) => paths[request.url ?? '']?.(request, response))
})
afterAll(() => server[Symbol.asyncDispose]())

it.each(['/drip', '/silent'])(
  'a file that does not come in time is given up, and nothing of it is kept: %s',
  async path => {
    await using folder = await temporaryFolder()
    const outcome: Downloaded = await download({
      place: new URL(`https://127.0.0.1:${server.port}${path}`),
      into: join(folder.path, 'file'),
      opening: { take: chunk => chunk, end: () => null },
      mostBytes: 1_000,
      withinMs: 300,
      progress: () => undefined,
    })
    expect(outcome).toBe('too_slow')
    expect(readdirSync(folder.path)).toEqual([])
  },
)
