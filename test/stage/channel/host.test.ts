import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

import { describe, expect, it } from 'vitest'

import { openHost, type RunningHost } from '../../../host-stub/agentcy/running-host.ts'
import { LOCAL_OWNER, openTokens } from '../../../host-stub/agentcy/tokens.ts'
import type { Host } from '../../../plugin/contract/host.ts'
import { COUNTING_PLUGIN, pluginFolder } from '../../support/plugin-folder.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** What the counting plugin leaves where a test can see it. */
type Traces = { reached: string[]; givenHost: Host; deactivated?: number }
const traces = globalThis as unknown as Traces

type Started = AsyncDisposable & { readonly host: RunningHost; readonly home: string; readonly port: number }

async function started(environment: Record<string, string> = {}, code = COUNTING_PLUGIN): Promise<Started> {
  const folder = await temporaryFolder()
  const plugin = await pluginFolder(code)
  const discard = async (): Promise<void> => {
    await plugin[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  }
  const home = environment['AGENTCY_HOME'] ?? join(folder.path, 'agentcy')
  try {
    const host = await openHost({
      environment: { AGENTCY_HOME: home, PORT: '0', LOG_LEVEL: 'silent', ...environment },
      manifestFile: plugin.manifestFile,
    })
    const close = async (): Promise<void> => {
      await host.close()
      await discard()
    }
    return { host, home, port: Number(new URL(host.url).port), [Symbol.asyncDispose]: close }
  } catch (error) {
    await discard()
    throw error
  }
}

type Answer = { status: number; headers: Record<string, unknown>; body: string }

/** A request with exactly these headers: `fetch` would set or forbid some of them. */
function ask(
  port: number,
  path: string,
  more: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, ...more }, response => {
      text(response).then(
        body => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      )
    })
    request.on('error', reject)
    request.end(more.method === 'POST' ? '{}' : undefined)
  })
}

/** Bytes as they are, and all that comes back until the line is closed. */
async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

const upgradeRequest = (path: string, headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Connection: Upgrade', 'Upgrade: websocket', ...headers, '', ''].join('\r\n')

describe('the host', () => {
  it('serves the plugin that its manifest names, and answers 404 in its place', async () => {
    await using it = await started()
    expect(await ask(it.port, '/ping')).toMatchObject({ status: 200, body: 'pong' })
    const missing = await ask(it.port, '/nothing', { headers: { 'x-request-id': 'req_mine' } })
    expect(missing).toMatchObject({ status: 404, headers: { 'x-request-id': 'req_mine' } })
    expect(JSON.parse(missing.body)).toEqual({
      error: { code: 'not_found', message: expect.any(String), request_id: 'req_mine' },
    })
  })

  it('answers 500 without a stack when the plugin throws', async () => {
    await using it = await started()
    const { status, body } = await ask(it.port, '/throw')
    expect(status).toBe(500)
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'internal', request_id: expect.stringMatching(/^req_/) } })
    expect(body).not.toContain('on purpose')
  })

  it('answers 400 to bytes that are no HTTP', async () => {
    await using it = await started()
    const answer = await sendBytes(it.port, 'what?\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).toContain('"code":"bad_request"')
  })

  it('gives the plugin a closed folder of its own, and never the owner token or the keys of a bucket or a model', async () => {
    const keys = {
      AWS_ACCESS_KEY_ID: 'the-key-of-the-host',
      AWS_SECRET_ACCESS_KEY: 'its-secret',
      ASSISTANT_API_KEY: 'sk-1',
    }
    await using it = await started({
      AGENTCY_TOKEN: 'the-token-of-the-owner',
      OPENFANG_HOME: '/elsewhere',
      AGENTCY_ARTIFACT_BACKEND: 'local',
      ...keys,
    })
    const { givenHost } = traces
    const { dataFolder, environment } = givenHost
    expect(dataFolder).toBe(join(it.home, 'plugins', 'whatsapp'))
    expect((await stat(dataFolder)).mode & 0o777).toBe(0o700)
    expect(environment['OPENFANG_HOME']).toBe('/elsewhere')
    expect(Object.values(environment)).not.toContain('the-token-of-the-owner')
    expect(Object.keys(environment).filter(name => /^AWS_|ARTIFACT|ASSISTANT/.test(name))).toEqual([])
    expect(await givenHost.authenticate('the-token-of-the-owner')).toEqual({
      org: 'org_local',
      user: 'usr_local',
      role: 'owner',
    })
    expect(await givenHost.authenticate('another')).toBeNull()
  })

  it('mints the owner token at the first start only', async () => {
    await using folder = await temporaryFolder()
    const environment = { AGENTCY_HOME: join(folder.path, 'agentcy') }
    let minted: string | null
    {
      await using first = await started(environment)
      minted = first.host.mintedToken
    }
    await using second = await started(environment)
    expect(minted).toMatch(/^ak_live_/)
    expect(second.host.mintedToken).toBeNull()
    expect(await traces.givenHost.authenticate(minted ?? '')).toMatchObject({ role: 'owner' })
  })

  it('mints another one where only a page that a link signed in is left', async () => {
    await using folder = await temporaryFolder()
    const environment = { AGENTCY_HOME: join(folder.path, 'agentcy') }
    {
      await using first = await started(environment)
      const tokens = openTokens(first.home)
      const { record } = tokens.mintForPage(LOCAL_OWNER)
      for (const { id } of tokens.list()) if (id !== record.id) tokens.revoke(id)
    }
    await using second = await started(environment)
    expect(second.host.mintedToken).toMatch(/^ak_live_/)
  })

  it('deactivates the plugin once when it is closed twice', async () => {
    traces.deactivated = 0
    await using it = await started()
    await Promise.all([it.host.close(), it.host.close()])
    expect(traces.deactivated).toBe(1)
  })

  it('closes although a connection stays open', async () => {
    await using it = await started()
    const idle = connect(it.port, '127.0.0.1')
    await new Promise(resolve => idle.once('connect', resolve))
    const closed = new Promise(resolve => idle.once('close', resolve))
    await it.host.close()
    await closed
  })
})

describe('settings', () => {
  it('are empty when nobody wrote any, and read anew each time', async () => {
    await using it = await started()
    expect(await traces.givenHost.settings()).toEqual({})
    const file = join(it.home, 'settings.json')
    await writeFile(file, '{"whatsapp":{"turn_deadline_seconds":5},"another":{"x":1}}', { mode: 0o600 })
    expect(await traces.givenHost.settings()).toEqual({ turn_deadline_seconds: 5 })
    await writeFile(file, '{}')
    expect(await traces.givenHost.settings()).toEqual({})
  })

  it.each([
    ['{', 'is not one JSON object'],
    ['[]', 'is not one JSON object'],
    ['', 'is not one JSON object'],
  ])('that read %s are refused', async (written, sentence) => {
    await using it = await started()
    await writeFile(join(it.home, 'settings.json'), written, { mode: 0o600 })
    await expect(traces.givenHost.settings()).rejects.toThrow(sentence)
  })

  it('that others may read are refused', async () => {
    await using it = await started()
    const file = join(it.home, 'settings.json')
    await writeFile(file, '{}')
    await chmod(file, 0o644)
    await expect(traces.givenHost.settings()).rejects.toThrow(`${file} has mode 0644`)
  })
})

describe('web pages', () => {
  const attacks: [string, string, Record<string, string>][] = [
    ['a form', 'POST', { origin: 'http://evil.example', 'content-type': 'application/x-www-form-urlencoded' }],
    ['a simple post', 'POST', { origin: 'http://evil.example', 'content-type': 'text/plain' }],
    ['fetch without cors', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a sandboxed frame', 'POST', { origin: 'null' }],
    ['a rebound name', 'GET', { host: 'rebound.example' }],
    ['the address 0.0.0.0', 'GET', { host: '0.0.0.0:8080' }],
  ]

  it.each(attacks)('reach nothing by %s', async (_what, method, headers) => {
    await using it = await started()
    const { status, headers: answered, body } = await ask(it.port, '/ping', { method, headers })
    expect(status).toBe(403)
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'origin_refused' } })
    expect(answered).not.toHaveProperty('access-control-allow-origin')
    expect(traces.reached).toEqual([])
  })

  it('reach no WebSocket from a foreign origin or by a rebound name', async () => {
    await using it = await started()
    const own = `Host: 127.0.0.1:${it.port}`
    const foreign = await sendBytes(it.port, upgradeRequest('/socket', [own, 'Origin: http://evil.example']))
    const rebound = await sendBytes(it.port, upgradeRequest('/socket', ['Host: rebound.example']))
    for (const answer of [foreign, rebound]) {
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
      expect(answer).toContain('"code":"origin_refused"')
    }
    expect(traces.reached).toEqual([])
  })

  it('of the host itself reach its WebSocket, and 404 where there is none', async () => {
    await using it = await started()
    const own = [`Host: localhost:${it.port}`, `Origin: http://localhost:${it.port}`]
    expect(await sendBytes(it.port, upgradeRequest('/socket', own))).toMatch(/^HTTP\/1\.1 101 /)
    expect(await sendBytes(it.port, upgradeRequest('/nothing', own))).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(traces.reached).toEqual(['/socket', '/nothing'])
  })
})

describe('the start', () => {
  it.each<[string, (home: string) => Promise<unknown>, RegExp]>([
    ['a home that others may open', home => mkdir(home, { mode: 0o755 }), /agentcy has mode 0755.*chmod 700/],
    ['a home that is a link', home => symlink('/tmp', home), /agentcy is a symbolic link/],
    ['a home that cannot be written', home => mkdir(home, { mode: 0o500 }), /agentcy has mode 0500/],
    ['a home that is a file', home => writeFile(home, '', { mode: 0o600 }), /agentcy is not a folder/],
    [
      'a home below a folder that anybody may write into',
      home => chmod(dirname(home), 0o777),
      /may be written into by any/,
    ],
    ['a home below one that others may write into', home => chmod(dirname(home), 0o702), /Run: chmod o-w /],
  ])('is refused for %s', async (_what, prepare, sentence) => {
    await using folder = await temporaryFolder()
    const home = join(folder.path, 'agentcy')
    await prepare(home)
    await expect(started({ AGENTCY_HOME: home })).rejects.toThrow(sentence)
  })

  it.each(['-1', '65536', 'http', '0x50', ''])('is refused for PORT "%s"', async PORT => {
    await expect(started({ PORT })).rejects.toThrow('PORT must be a number from 0 to 65535')
  })

  const bucket = { AGENTCY_ARTIFACT_BACKEND: 's3', AGENTCY_ARTIFACT_S3_BUCKET: 'files', AWS_REGION: 'eu-central-1' }

  it.each<[string, Record<string, string>, string]>([
    ['another place for artifacts', { AGENTCY_ARTIFACT_BACKEND: 'fs' }, 'AGENTCY_ARTIFACT_BACKEND must be local or s3'],
    ['no bucket', { ...bucket, AGENTCY_ARTIFACT_S3_BUCKET: '' }, 'AGENTCY_ARTIFACT_S3_BUCKET must name the bucket'],
    ['no region', { ...bucket, AWS_REGION: '' }, 'AWS_REGION must name the region'],
    ['no address', { ...bucket, AGENTCY_ARTIFACT_S3_ENDPOINT: 's3.secret.example' }, 'S3_ENDPOINT must be an address'],
    ['another scheme', { ...bucket, AGENTCY_ARTIFACT_S3_ENDPOINT: 'ftp://secret' }, 'S3_ENDPOINT must be an address'],
    ['a user in the address', { ...bucket, AGENTCY_ARTIFACT_S3_ENDPOINT: 'http://u:secret@x' }, 'S3_ENDPOINT must be'],
    ['a prefix that climbs', { ...bucket, AGENTCY_ARTIFACT_S3_PREFIX: 'a/../secret' }, 'S3_PREFIX must be of letters'],
    ['an empty folder', { ...bucket, AGENTCY_ARTIFACT_S3_PREFIX: 'a//secret' }, 'S3_PREFIX must be of letters'],
    ['another path style', { ...bucket, AGENTCY_ARTIFACT_S3_PATH_STYLE: 'yes' }, 'S3_PATH_STYLE must be true or false'],
    ['half a key', { ...bucket, AWS_SECRET_ACCESS_KEY: 'secret' }, 'are needed together'],
  ])('is refused for artifacts in %s, and what was written is not repeated', async (_what, environment, sentence) => {
    const refused: unknown = await started(environment).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'StartRefused', message: expect.stringContaining(sentence) })
    expect(String(refused)).not.toContain('secret')
  })

  it('is refused when the port is taken, and then the plugin is deactivated', async () => {
    await using first = await started()
    traces.deactivated = 0
    await expect(started({ PORT: String(first.port) })).rejects.toThrow('another program listens there')
    expect(traces.deactivated).toBe(1)
  })

  it.each([
    ['throws', 'export const activate = () => { throw new Error("no way") }', /could not be activated: no way/],
    [
      'has no such function',
      'export const activate = () => {}',
      /exports no function "reload" from .\/dist\/plugin\/main.js/,
    ],
    ['fails as it is loaded', 'null.x', /could not be activated/],
  ])('says in a sentence that a plugin %s', async (_what, code, sentence) => {
    const rest = code.includes('throw') ? '\nexport const reload = () => {}\nexport const deactivate = () => {}' : ''
    await expect(started({}, code + rest)).rejects.toThrow(sentence)
  })

  it('leaves nothing in the home that others may open', async () => {
    await using it = await started()
    for (const path of ['.', 'tokens', 'plugins', 'plugins/whatsapp']) {
      expect((await stat(join(it.home, path))).mode & 0o077, path).toBe(0)
    }
    for (const name of await readdir(join(it.home, 'tokens'))) {
      expect((await stat(join(it.home, 'tokens', name))).mode & 0o777).toBe(0o600)
    }
  })
})
