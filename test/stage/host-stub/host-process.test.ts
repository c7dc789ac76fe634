import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { startHost } from '../../support/host-process.ts'
import { childrenOf } from '../../support/process-tree.ts'
import { startLinkedStory } from '../../support/story.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CHANNELS = '/api/v1/channels'
const built = (name: string): string => fileURLToPath(new URL(`../../../dist/host-stub/${name}`, import.meta.url))

async function run(program: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [built(program), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [printed, told, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { printed, told, status: status as number | null }
}

describe('npm start', () => {
  it('says where it listens and answers there, to its owner alone', async () => {
    await using host = await startHost()
    expect(await host.request('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect((await host.request('GET', CHANNELS)).status).toBe(200)
    expect((await host.request('GET', CHANNELS, { headers: { authorization: '' } })).status).toBe(401)
    expect((await host.request('GET', CHANNELS, { headers: { authorization: 'Bearer another' } })).status).toBe(401)
    expect((await host.request('GET', '/channels')).body).not.toContain('name="panel"')
    expect((await host.request('GET', '/simulated-phone')).status).toBe(404)
  })

  it('prints the token that it minted at the first start, and no token later', async () => {
    await using host = await startHost({ env: { AGENTCY_TOKEN: '' } })
    const token = /ak_live_[A-Za-z0-9_-]{43}/.exec(host.logs())?.[0] ?? ''
    const headers = { authorization: `Bearer ${token}` }
    expect((await host.request('GET', CHANNELS, { headers })).status).toBe(200)
    const before = host.logs().length
    await host.restart()
    expect(host.logs().slice(before)).toContain('listening on')
    expect(host.logs().slice(before)).not.toContain('ak_live_')
    expect((await host.request('GET', CHANNELS, { headers })).status).toBe(200)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with status 0 on %s', async signal => {
    await using host = await startHost()
    expect(await host.kill(signal)).toBe(0)
  })

  it('heeds at once what `npm run token` mints and revokes', async () => {
    await using host = await startHost()
    const env = { AGENTCY_HOME: join(host.home, 'agentcy') }
    const minted = await run('agentcy/token-cli.js', ['--org', 'org_b', '--role', 'viewer'], env)
    expect(minted.status).toBe(0)
    const headers = { authorization: `Bearer ${minted.printed.trim()}` }
    expect((await host.request('GET', CHANNELS, { headers })).status).toBe(200)

    const id = /^key_\w+/.exec(minted.told)?.[0] ?? ''
    const listed = await run('agentcy/token-cli.js', ['--list'], env)
    expect(listed.printed).toContain(`${id}  org_b  viewer`)
    expect(listed.printed).not.toContain('ak_live_')
    expect((await run('agentcy/token-cli.js', ['--revoke', id], env)).status).toBe(0)
    expect((await host.request('GET', CHANNELS, { headers })).status).toBe(401)
  })

  it('is refused in one sentence on another network than one on loopback', async () => {
    await using home = await temporaryFolder()
    const { status, told } = await run('main.js', [], {
      HOME: home.path,
      PORT: '0',
      WHATSAPP_WEB_SOCKET_URL: 'ws://whatsapp.example/ws/chat',
      WHATSAPP_NOISE_ROOT_KEY: 'ab'.repeat(32),
    })
    expect(status).toBe(1)
    expect(told).toMatch(/loopback/)
    expect(told).not.toMatch(/\n\s+at /)
  })

  it('is refused in one sentence when DATABASE_URL is set', async () => {
    await using home = await temporaryFolder()
    const { status, told } = await run('main.js', [], { HOME: home.path, PORT: '0', DATABASE_URL: 'postgres://db/x' })
    expect(status).toBe(1)
    expect(told).toMatch(/DATABASE_URL is reserved/)
    expect(told).not.toContain('postgres://')
  })

  it('is refused, naming path and mode, when others may open its home', async () => {
    await using home = await temporaryFolder()
    const folder = join(home.path, 'open')
    await mkdir(folder)
    await chmod(folder, 0o755)
    const { status, told } = await run('main.js', [], { HOME: home.path, PORT: '0', AGENTCY_HOME: folder })
    expect({ status, told }).toEqual({
      status: 1,
      told: `${folder} has mode 0755, so others may open it. Run: chmod 700 ${folder}\n`,
    })
  })

  it('is refused for an argument that it does not know', async () => {
    expect((await run('main.js', ['--simulated'], {})).status).toBe(2)
  })
})

describe('a host whose phone is linked', () => {
  it('disconnects cleanly on Ctrl+C, which reaches the gateway as well', async () => {
    await using story = await startLinkedStory()
    for (const child of await childrenOf(story.host.pid)) process.kill(child, 'SIGINT')
    expect(await story.host.kill('SIGINT')).toBe(0)
    const { closings } = await story.network.ledgerWhen(page =>
      page.closings.some(({ device }) => device === 'owner:1'),
    )
    expect(closings.filter(({ device }) => device === 'owner:1')).toMatchObject([{ how: 'clean' }])
  })

  it('refuses to reload settings that are no JSON, and keeps the link', async () => {
    await using story = await startLinkedStory()
    await writeFile(join(story.host.home, 'agentcy', 'settings.json'), '{', { mode: 0o600 })
    const refused = await story.host.request('POST', '/api/v1/channels/reload')
    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'bad_settings' } } })
    expect((await story.host.request('POST', '/api/v1/channels/whatsapp/test')).status).toBe(200)
    expect((await story.network.ledger()).closings.filter(({ device }) => device === 'owner:1')).toEqual([])
  })
})

describe('npm start -- --simulate', () => {
  it('runs on a network of its own, with homes of their own, and ends it with itself', async () => {
    await using host = await startHost({ args: ['--simulate'] })
    const address = /simulated, on (\S+?)[ ;]/.exec(host.logs())?.[1] ?? ''
    expect(await fetch(`http://${address}/`).then(() => 'answers')).toBe('answers')
    expect((await host.request('GET', '/channels')).body).toContain('content="/simulated-phone" data-title="Phone"')
    expect((await host.request('GET', '/simulated-phone/page.js')).status).toBe(200)
    await host.kill('SIGKILL')
    await expect
      .poll(
        () =>
          fetch(`http://${address}/`).then(
            () => 'answers',
            () => 'gone',
          ),
        { timeout: 2_000 },
      )
      .toBe('gone')
  })
})

describe('npm run demo', () => {
  it('prints with --once what the contact wrote and heard, removes all that it made, and ends with status 0', async () => {
    await using home = await temporaryFolder()
    const env = { HOME: home.path, TMPDIR: home.path }
    const { status, printed, told } = await run('demo.js', ['--once'], env)
    expect({ status, told }).toEqual({ status: 0, told: '' })
    expect(printed).toMatch(/█.*\n/)
    expect(printed).toMatch(/alice writes {3}\S.*\n {2}alice hears {4}Hello Alice! \S/)
    for (const hop of ['scan → linked', 'alice → host', 'host → agent', 'agent → alice']) {
      expect(printed).toMatch(new RegExp(`${hop} +\\d+ ms`))
    }
    expect(await readdir(home.path)).toEqual([])
  })

  it('is refused beside another simulated network of the same home, and leaves that alone', async () => {
    await using host = await startHost({ args: ['--simulate'] })
    const env = {
      HOME: host.home,
      AGENTCY_HOME: join(host.home, 'agentcy'),
      OPENFANG_HOME: join(host.home, 'openfang'),
      PORT: '0',
    }
    const { status, told } = await run('demo.js', [], env)
    expect({ status, told }).toEqual({
      status: 1,
      told: 'A simulated network is running in this home already. End it first.\n',
    })
    expect((await host.request('GET', CHANNELS)).status).toBe(200)
  })
})
