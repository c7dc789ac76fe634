import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { createPage } from '../../../plugin/api/page.ts'

const PANEL = { title: 'A "phone" & more', path: '/simulated-phone' }

async function servedPage(): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'))
  await writeFile(join(folder, 'page.html'), '<html><head></head></html>')
  await writeFile(join(folder, 'page.js'), 'let here')
  await writeFile(join(folder, 'page.css'), 'p {}')
  const page = createPage(folder, [PANEL])
  const server = createServer((request, response) => {
    void page.handle(request, response).then(mine => mine || response.writeHead(418).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true })
    },
  }
}

describe('the page', () => {
  it('is served with what it is made of, under a policy that lets nothing else run, load or be sent', async () => {
    await using served = await servedPage()
    for (const [path, type] of [
      ['', 'text/html'],
      ['/page.js', 'text/javascript'],
      ['/page.css', 'text/css'],
    ] as const) {
      const response = await fetch(`${served.url}/channels${path}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain(type)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
    }
  })

  it('names the pages of the host that belong beside it, as text and nothing else', async () => {
    await using served = await servedPage()
    const text = await (await fetch(`${served.url}/channels?account=x`)).text()
    expect(text).toContain('content="/simulated-phone" data-title="A &quot;phone&quot; &amp; more"')
  })

  it('is not sent again to a browser that has it', async () => {
    await using served = await servedPage()
    const etag = (await fetch(`${served.url}/channels/page.js`)).headers.get('etag') ?? ''
    const again = await fetch(`${served.url}/channels/page.js`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })

  it('is for looking at, and has no other parts', async () => {
    await using served = await servedPage()
    expect((await fetch(`${served.url}/channels`, { method: 'POST' })).status).toBe(405)
    for (const path of ['/channels/', '/channels/..%2fpackage.json', '/channels/page.tsx', '/']) {
      expect((await fetch(served.url + path)).status).toBe(418)
    }
  })
})
