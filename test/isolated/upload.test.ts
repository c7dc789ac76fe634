import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { upload } from '../../plugin/gateway/media/upload.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { webServer, type WebServer } from '../support/web-server.ts'

// The gateway trusts what its process was started to trust; these stories are about answers and hosts.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'

const BYTES = Buffer.from('an encrypted file')
/** What the host says, by what the upload brought along. */
const answers: Record<string, (response: ServerResponse) => void> = {
  good: response => void response.end(JSON.stringify({ url: 'https://somewhere/v/a.enc', direct_path: '/v/a.enc' })),
  refused: response => void response.writeHead(401).end(),
  mumbled: response => void response.end('<html>'),
  elsewhere: response => void response.end(JSON.stringify({ direct_path: 'https://evil.example/x' })),
  endless: response => void response.end(Buffer.alloc(200_000, ' ')),
  cut: response => void response.destroy(),
}

let server: WebServer
beforeAll(async () => {
  server = await webServer([], (request: IncomingMessage, response: ServerResponse) => {
    const auth = new URL(request.url ?? '', 'https://localhost').searchParams.get('auth') ?? ''
    request.resume().once('end', () => answers[auth]?.(response))
  })
})
afterAll(() => server[Symbol.asyncDispose]())

/** Puts a file up on these hosts. */
async function put(auth: string, { hosts = [`127.0.0.1:${server.port}`], onLoopback = true } = {}) {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'sealed')
  await writeFile(path, BYTES)
  const file = { path, kind: 'image', sizeBytes: BYTES.length, fileEncSha256: Buffer.alloc(32, 1) } as const
  return upload({ ...file, onLoopback, progress: () => undefined }, { hosts, auth })
}

describe('a file that is put up', () => {
  it('lies where the host says', async () => {
    expect(await put('good')).toEqual({ url: 'https://somewhere/v/a.enc', directPath: '/v/a.enc' })
    expect(server.asked.at(-1)).toMatch(/^\/mms\/image\/[\w-]{43}\?auth=good&token=[\w-]{43}$/)
  })

  it.each(['refused', 'mumbled', 'elsewhere', 'endless', 'cut'])(
    'is nowhere when the host answers otherwise: %s',
    async auth => {
      expect(await put(auth)).toBeNull()
    },
  )

  it('is taken by the next host when the first does not', async () => {
    expect(await put('good', { hosts: ['127.0.0.1:1', `127.0.0.1:${server.port}`] })).toMatchObject({
      directPath: '/v/a.enc',
    })
  })

  it('is brought to no host that is not one of WhatsApp, whoever names it', async () => {
    const before = server.asked.length
    expect(await put('good', { onLoopback: false })).toBeNull()
    const hosts = [
      'evil.example',
      'mmg.whatsapp.net.evil.example',
      'mmg.whatsapp.net:444',
      'mmg.whatsapp.net@127.0.0.1',
    ]
    expect(await put('good', { hosts, onLoopback: false })).toBeNull()
    expect(await put('good', { hosts: ['192.0.2.1', 'evil.example'] })).toBeNull()
    expect(server.asked).toHaveLength(before)
  })
})
