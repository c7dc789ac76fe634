import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

import { describe, expect, it } from 'vitest'

import { openLocalArtifacts } from '../../../host-stub/agentcy/artifacts/local-artifacts.ts'
import { serveUpload } from '../../../host-stub/agentcy/artifacts/upload-route.ts'
import { openUploads, UPLOAD_MOST_BYTES } from '../../../host-stub/agentcy/artifacts/uploads.ts'
import { uploadedArtifactSchema } from '../../../plugin/contract/api/media.ts'
import { madeUp } from '../../support/artifacts.ts'
import { admitsAll, call, createTestHost, ORG_A, ORG_B, tokenOf } from '../../support/api.ts'
import { PNG } from '../../support/samples.ts'
import { brokenOff, slowDisk, uncaught } from '../../support/slow-disk.ts'
import { given } from '../../support/given.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A server that takes uploads into a folder. */
async function open(mostBytes?: number) {
  const folder = await temporaryFolder()
  const artifacts = openLocalArtifacts(folder.path, mostBytes)
  const uploads = openUploads(folder.path, artifacts)
  const { host } = createTestHost()
  const authenticate = (token: string) => host.authenticate(token)
  const failures: unknown[] = []
  let taken = Promise.resolve<unknown>(null)
  const server = createServer((request, response) => {
    taken = serveUpload({ uploads, authenticate, admit: admitsAll }, request, response)
      .then(mine => mine || response.writeHead(418).end())
      .catch((error: unknown) => failures.push(error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    home: folder.path,
    artifacts,
    failures,
    url: `http://127.0.0.1:${port}/api/v1/artifacts`,
    /** Settles when the last request is over, answered or not. */
    taken: () => taken,
    left: () => readdir(join(folder.path, 'uploads')),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await folder[Symbol.asyncDispose]()
    },
  }
}

type Posted = { readonly org?: typeof ORG_A; readonly role?: 'viewer' | 'member'; readonly body?: Buffer }

const post = (url: string, { org = ORG_A, role = 'member', body = PNG }: Posted = {}) =>
  call(url, { method: 'POST', token: tokenOf(org, role), body })

describe('POST /artifacts', () => {
  it('is refused with what to do when the org keeps as much as it may, and leaves nothing behind', async () => {
    await using here = await open(PNG.length + 1)
    expect((await post(here.url)).status).toBe(201)
    const more = await post(here.url, { body: madeUp(2, 'more') })
    expect([more.status, JSON.parse(more.text)]).toEqual([
      413,
      { error: { code: 'over_quota', message: expect.stringMatching(/\. /), request_id: expect.any(String) } },
    ])
    expect((await post(here.url, { org: ORG_B })).status).toBe(201)
    expect((await post(here.url, { body: madeUp(1, 'last') })).status).toBe(201)
    const full = await call(here.url, { method: 'POST', token: tokenOf(ORG_A, 'member'), body: madeUp(1, 'one more') })
    expect(full.status).toBe(413)
    await here.taken()
    expect([await here.left(), here.failures]).toEqual([[], []])
  })

  it('keeps a file once for each org, and says what its bytes are', async () => {
    await using host = await open()
    const { status, text } = await post(host.url)
    expect(status).toBe(201)
    const uploaded = uploadedArtifactSchema.parse(JSON.parse(text))
    const sha256 = createHash('sha256').update(PNG).digest('hex')
    expect(uploaded).toEqual({ artifact_id: uploaded.artifact_id, mime: 'image/png', size: PNG.length, sha256 })
    expect(await buffer(given(await host.artifacts.open(ORG_A, uploaded.artifact_id, null)))).toEqual(PNG)

    expect(JSON.parse((await post(host.url)).text)).toEqual(uploaded)
    const other = uploadedArtifactSchema.parse(JSON.parse((await post(host.url, { org: ORG_B })).text))
    expect(other.artifact_id).not.toBe(uploaded.artifact_id)
    expect(await host.artifacts.find(ORG_B, uploaded.artifact_id)).toBeNull()

    const unknown = await post(host.url, { body: madeUp(200_000, 'nothing that is known') })
    expect(JSON.parse(unknown.text)).toMatchObject({ mime: null, size: 200_000 })
    expect(await host.left()).toEqual([])
  })

  it('refuses who may not send, what is no upload, and what is empty or too large', async () => {
    await using host = await open()
    const codeOf = ({ status, text }: { status: number; text: string }) => [
      status,
      (JSON.parse(text) as { error: { code: string } }).error.code,
    ]
    expect(codeOf(await post(host.url, { role: 'viewer' }))).toEqual([403, 'forbidden'])
    expect(codeOf(await call(host.url, { method: 'POST', token: null, body: PNG }))).toEqual([401, 'unauthorized'])
    const got = await call(host.url)
    expect([...codeOf(got), got.headers.allow]).toEqual([405, 'method_not_allowed', 'POST'])
    expect(codeOf(await post(host.url, { body: Buffer.alloc(0) }))).toEqual([400, 'bad_request'])
    const headers = { 'content-length': String(UPLOAD_MOST_BYTES + 1) }
    const announced = await call(host.url, { method: 'POST', token: tokenOf(ORG_A, 'member'), headers, body: PNG })
    expect(codeOf(announced)).toEqual([413, 'media_too_large'])
    expect((await call(`${host.url}/art_1`)).status).toBe(418)
    expect(host.failures).toEqual([])
  })

  it('keeps nothing of what turns out too large as it comes, nor of what breaks off', async () => {
    await using host = await open()
    const piece = Buffer.alloc(1_000)
    let read = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += piece.length
        yield piece
      }
    }
    const uploads = openUploads(host.home, host.artifacts, 3 * piece.length)
    expect(await uploads.keep(ORG_A, endless())).toBe('too_large')
    expect(read).toBe(4 * piece.length)
    expect(await host.left()).toEqual([])

    const sending = httpRequest(host.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf(ORG_A, 'member')}`, 'content-length': '1000' },
    })
    sending.on('error', () => undefined)
    sending.write('half of it')
    while ((await host.left()).length === 0) await new Promise(setImmediate)
    sending.destroy()
    await host.taken()
    expect(await host.left()).toEqual([])
    expect(host.failures).toEqual([])
  })

  it('keeps nothing of what breaks off, however long the disk takes', async () => {
    await using host = await open()
    const uploads = openUploads(host.home, host.artifacts)
    using disk = slowDisk()
    await expect(uploads.keep(ORG_A, brokenOff())).rejects.toThrow('broken off')
    await disk.opens()
    expect(await host.left()).toEqual([])
  })

  it('throws at nobody when a file is stored already, and is gone before the disk has opened it', async () => {
    await using host = await open()
    const artifact = { id: 'art_1', mime: 'image/png', sizeBytes: 3, sha256: 'aa', fileName: null }
    const uploads = openUploads(host.home, { ...host.artifacts, put: () => Promise.resolve(artifact) })
    using disk = slowDisk()
    using thrown = uncaught()
    expect(await uploads.keep(ORG_A, Readable.from([PNG]))).toEqual(artifact)
    await disk.opens()
    await new Promise(setImmediate)
    expect(thrown.errors).toEqual([])
  })

  it('begins without what an earlier host has left half', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'uploads'))
    await writeFile(join(folder.path, 'uploads', 'half'), 'half of it')
    openUploads(folder.path, openLocalArtifacts(folder.path))
    expect(await readdir(join(folder.path, 'uploads'))).toEqual([])
  })
})
