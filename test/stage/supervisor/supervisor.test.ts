import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { EXIT_CODES, LINE_TIMES, PROTOCOL_VERSION, type Hello } from '../../../plugin/contract/gateway-protocol.ts'
import { installGateway } from '../../../plugin/supervisor/install-gateway.ts'
import { gatewayIn, startGateway } from '../../support/gateway.ts'
import { startNetwork } from '../../support/network.ts'
import { listeningSockets } from '../../support/process-tree.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const NOWHERE = { url: 'ws://127.0.0.1:1/ws/chat', noiseRootKey: 'ab'.repeat(32), versionUrl: null }
const nothing = () => Promise.resolve()

async function home() {
  const folder = await temporaryFolder()
  return {
    path: folder.path,
    state: join(folder.path, 'whatsapp-gateway'),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

describe('the supervisor', () => {
  it('starts a child that takes commands, once however often it is asked to', async () => {
    await using gateway = await startGateway({ network: NOWHERE })
    const pid = gateway.supervisor.pid()
    await gateway.supervisor.start()
    expect(gateway.supervisor.pid()).toBe(pid)
    expect(gateway.readyTimes()).toBe(1)
    expect(await gateway.open()).toEqual({ status: 'not_paired', reason: null })
  })

  it('answers at once that the gateway cannot be reached while none runs', async () => {
    await using gateway = await startGateway({ network: NOWHERE })
    await gateway.supervisor.stop()
    expect(gateway.supervisor.pid()).toBeNull()
    const down = { code: 'gateway_unreachable', more: { reason: 'starting' } }
    await expect(gateway.open()).rejects.toMatchObject(down)
    await gateway.supervisor.stop()
    await gateway.supervisor.start()
    await gateway.open()
  })

  it('starts the child again when it is killed, and settles what was under way', async () => {
    await using gateway = await startGateway({ network: NOWHERE })
    const pid = gateway.supervisor.pid() ?? 0
    process.kill(pid, 'SIGSTOP')
    const call = gateway.open()
    process.kill(pid, 'SIGKILL')
    await expect(call).rejects.toMatchObject({ code: 'gateway_unreachable', more: { reason: 'starting' } })
    await gateway.whenReady(2)
    expect(gateway.supervisor.pid()).not.toBe(pid)
    await gateway.open()
    expect(gateway.lines.map(line => line.event)).toEqual(expect.arrayContaining(['gateway ended', 'gateway restarts']))
  })

  it('ends a child that does not answer, within four seconds', async () => {
    await using gateway = await startGateway({ network: NOWHERE })
    const pid = gateway.supervisor.pid() ?? 0
    process.kill(pid, 'SIGSTOP')
    const before = performance.now()
    await gateway.supervisor.stop()
    expect(performance.now() - before).toBeLessThan(4_000)
    expect(isAlive(pid)).toBe(false)
  })

  it('hands over nothing of its environment but what it lists, opens no port and carries no argument', async () => {
    const environment = {
      ...process.env,
      AGENTCY_TOKEN: 'canary',
      DATABASE_URL: 'canary',
      NODE_OPTIONS: '--trace-warnings',
    }
    await using gateway = await startGateway({ network: NOWHERE, environment })
    const proc = `/proc/${gateway.supervisor.pid()}`
    const names = readFileSync(join(proc, 'environ'), 'utf8')
      .split('\0')
      .map(pair => pair.split('=')[0])
      .filter(Boolean)
    const allowed = [
      'PATH',
      'TZ',
      'LANG',
      'LC_ALL',
      'TMPDIR',
      'NODE_EXTRA_CA_CERTS',
      'NODE_CHANNEL_FD',
      'NODE_CHANNEL_SERIALIZATION_MODE',
      // Of the tests themselves: test/support/connect-hook.mjs.
      'CONNECT_LEDGER',
    ]
    expect(names.filter(name => !allowed.includes(name ?? ''))).toEqual([])
    const words = readFileSync(join(proc, 'cmdline'), 'utf8').split('\0').slice(1, -1)
    const own = words.filter(word => word !== '--import' && !word.endsWith('/connect-hook.mjs'))
    expect(own).toEqual([join(gateway.stateFolder, 'gateway', 'process.js')])
    expect(listeningSockets(gateway.supervisor.pid() ?? 0)).toEqual([])
  })

  it('leaves no child behind when its own process is killed', async () => {
    await using at = await home()
    const supervisorModule = fileURLToPath(new URL('../../../dist/plugin/supervisor/supervisor.js', import.meta.url))
    const script = `
      const { createSupervisor } = await import(${JSON.stringify(supervisorModule)})
      const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
      const supervisor = createSupervisor({ stateFolder: ${JSON.stringify(at.state)}, network: null,
        qrTimes: { firstMs: 1, nextMs: 1 }, lineTimes: ${JSON.stringify(LINE_TIMES)}, messageAcks: false,
        webVersion: () => ({ pinned: null, accepted: null }),
        environment: process.env, log, onEvent() {}, onVersion() {}, onReady() {} })
      await supervisor.start()
      console.log(supervisor.pid())`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid)).toBe(false)
  })
})

describe('what the supervisor does not start', () => {
  it.each([
    ['a network that is not on loopback', 'ws://192.0.2.1/ws/chat', /loopback/],
    ['a network by a name that begins like it', 'ws://localhost.evil.example:1/ws/chat', /loopback/],
    ['a network that is none', 'http://127.0.0.1', /ws:\/\//],
  ])('is %s', async (_name, url, sentence) => {
    await using at = await home()
    const gateway = gatewayIn(at.state, { network: { url, noiseRootKey: NOWHERE.noiseRootKey } }, nothing)
    await expect(gateway.supervisor.start()).rejects.toMatchObject({
      code: 'gateway_unreachable',
      message: expect.stringMatching(sentence),
      more: { reason: 'not_started' },
    })
    expect(existsSync(at.state)).toBe(false)
  })

  it('is a gateway whose folder others may enter; it says which', async () => {
    await using at = await home()
    mkdirSync(at.state)
    chmodSync(at.state, 0o755)
    const gateway = gatewayIn(at.state, { network: NOWHERE }, nothing)
    await expect(gateway.supervisor.start()).rejects.toThrow(`${at.state} has mode 0755`)
    chmodSync(at.state, 0o700)
    await gateway.supervisor.start()
    await gateway.supervisor.stop()
  })

  it('is code that was tampered with: it is extracted again before each start', async () => {
    await using gateway = await startGateway({ network: NOWHERE })
    const entry = join(gateway.stateFolder, 'gateway', 'process.js')
    const good = readFileSync(entry, 'utf8')
    writeFileSync(entry, 'process.exit(0)')
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    expect(readFileSync(entry, 'utf8')).toBe(good)
  })
})

describe('the child by itself', () => {
  const good: Omit<Hello, 'authFolder' | 'mediaFolder'> = {
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    network: NOWHERE,
    qrTimes: { firstMs: 1, nextMs: 1 },
    lineTimes: LINE_TIMES,
    webVersion: { pinned: null, accepted: null },
    traceFolder: null,
    messageAcks: false,
    logLevel: 'trace',
  }

  it.each<[string, Partial<Hello>, number]>([
    ['another protocol', { protocol: PROTOCOL_VERSION + 1 }, EXIT_CODES.protocolMismatch],
    [
      'a network that is not on loopback',
      { network: { ...NOWHERE, url: 'wss://example.org/ws' } },
      EXIT_CODES.networkRefused,
    ],
    [
      'a version of a network on loopback that somebody else names',
      { network: { ...NOWHERE, versionUrl: 'https://example.org/sw.js' } },
      EXIT_CODES.networkRefused,
    ],
  ])('refuses %s with a code of its own', async (_name, change, code) => {
    await using at = await home()
    const child = forkChild(installGateway(at.state))
    child.send({ ...good, authFolder: join(at.state, 'auth'), mediaFolder: join(at.state, 'media'), ...change })
    expect((await once(child, 'exit'))[0]).toBe(code)
  })

  it('refuses a folder of accounts that others may enter', async () => {
    await using at = await home()
    const child = forkChild(installGateway(at.state))
    mkdirSync(join(at.state, 'auth'))
    chmodSync(join(at.state, 'auth'), 0o750)
    child.send({ ...good, authFolder: join(at.state, 'auth'), mediaFolder: join(at.state, 'media') })
    expect((await once(child, 'exit'))[0]).toBe(EXIT_CODES.stateUnsafe)
  })

  it('pays no more for each promise the more sockets it has opened', async () => {
    await using at = await home()
    const child = fork(installGateway(at.state), [], {
      execArgv: ['--inspect=127.0.0.1:0'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.send({ ...good, authFolder: join(at.state, 'auth'), mediaFolder: join(at.state, 'media') })
    await once(child, 'message')
    const carried = await evaluated(child, WITH_A_HUNDRED_STORAGES)
    child.kill('SIGKILL')
    expect(carried).toBeLessThan(5)
  })

  it('prints nothing but its own lines, although libsignal prints keys when a session is replaced', async () => {
    await using at = await home()
    await using network = await startNetwork()
    await using gateway = await startGateway({ network, stateFolder: at.state })
    const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
    await gateway.link(owner)
    for (const text of ['canary one', 'canary two', 'canary three']) {
      await alice.says(text, { to: owner })
      await alice.forgetsSessions()
    }
    await gateway.entry(
      entry =>
        entry.kind === 'message' &&
        entry.message.content.kind === 'text' &&
        entry.message.content.text === 'canary three',
    )
    await gateway.supervisor.call('account.ping', gateway.account)
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    expect(gateway.lines.find(line => line.event === 'gateway ended')?.fields).toMatchObject({ dropped_lines: 0 })
    const printed = JSON.stringify(gateway.lines)
    for (const secret of ['canary', 'privKey', 'wa.me', owner.phone.slice(1), alice.phone.slice(1), alice.lid]) {
      expect(printed).not.toContain(secret)
    }
    expect(gateway.lines.some(line => line.event === 'connection' && line.fields['status'] === 'connected')).toBe(true)
  })
})

/** Makes what Baileys makes for each socket, a hundred times; how many of them Node carries along with a promise afterwards. */
const WITH_A_HUNDRED_STORAGES = `(async () => {
  const { AsyncLocalStorage, executionAsyncResource } = require('node:async_hooks')
  for (let made = 0; made < 100; made += 1) new AsyncLocalStorage().run({}, () => undefined)
  await Promise.resolve()
  return Object.getOwnPropertySymbols(executionAsyncResource()).length
})()`

/** What an expression is worth in a child that was started with an inspector. */
async function evaluated(child: ChildProcess, expression: string): Promise<unknown> {
  let said = ''
  for await (const part of child.stderr ?? []) {
    said += String(part)
    if (/ws:\S+\n/.test(said)) break
  }
  const socket = new WebSocket(/ws:\S+/.exec(said)?.[0] ?? '')
  await once(socket, 'open')
  const params = { expression, awaitPromise: true, returnByValue: true, includeCommandLineAPI: true }
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.terminate()
  return (JSON.parse(answer.toString()) as { result: { result: { value: unknown } } }).result.result.value
}

function forkChild(entry: string): ChildProcess {
  return fork(entry, [], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
