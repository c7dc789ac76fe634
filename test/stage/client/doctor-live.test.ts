import { once } from 'node:events'
import { createServer as createWebServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { randomBytes } from 'node:crypto'

import { expect, it } from 'vitest'
import { z } from 'zod'

import { LIVE_CHECKS } from '../../../plugin/contract/live-check.ts'
import { commandLine, ESCAPE } from '../../support/command-line.ts'
import { freePort } from '../../support/free-port.ts'
import type { RunningNetwork } from '../../support/network.ts'
import { networksInTurn } from '../../support/places-in-turn.ts'
import { webServer } from '../../support/web-server.ts'

const nextNetwork = networksInTurn()

const line = z.strictObject({ check: z.string(), ok: z.boolean(), says: z.string(), todo: z.string().nullable() })
type Line = z.infer<typeof line>
/** What nobody may find in what is printed: a QR code, a key, a reference. */
const SECRET = /2@|[A-Za-z0-9+/_-]{30,}/

/** Runs the built command for somebody who has these variables, and whatever else is on this machine. */
async function looks(environment: Record<string, string>): Promise<{ status: number | null; lines: Line[] }> {
  using cli = commandLine(environment)
  const { status, out, err } = await cli.piped(['doctor', '--live', '--json']).ended
  expect(err).toBe('')
  expect(out).not.toMatch(SECRET)
  const lines = out
    .trimEnd()
    .split('\n')
    .map(each => line.parse(JSON.parse(each)))
  return { status, lines }
}

const at = (url: string, noiseRootKey = randomBytes(32).toString('hex')) => ({
  WHATSAPP_WEB_SOCKET_URL: url,
  WHATSAPP_NOISE_ROOT_KEY: noiseRootKey,
})

/** The first line that is not ok, and that all behind it says that it was not tried, or was tried all the same. */
function faultIn({ status, lines }: { status: number | null; lines: Line[] }): string {
  expect(status).toBe(1)
  expect(lines.map(({ check }) => check)).toEqual(LIVE_CHECKS.map(check => `whatsapp ${check}`))
  const first = lines.findIndex(({ ok }) => !ok)
  for (const { ok, says, todo } of lines.slice(first + 1)) {
    expect([ok, says, todo]).toEqual([false, expect.stringMatching(/^Not tried, because /), null])
  }
  const { check, says, todo } = lines[first] ?? line.parse(null)
  expect(todo).toMatch(/\.$/)
  return `${check}: ${says}`
}

async function listening(server: Server): Promise<AsyncDisposable & { port: number }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

const theOne = ({ environment }: RunningNetwork): Record<string, string> => environment

it('finds that all is well, without a link and without a host, and shows nothing of the code', async () => {
  await using network = await nextNetwork()
  using cli = commandLine(theOne(network))
  const { status, out } = await cli.onTerminal(['doctor', '--live']).ended
  const said = out.replaceAll('\r', '')
  expect([status, said]).toEqual([0, expect.not.stringMatching(SECRET)])
  for (const check of LIVE_CHECKS) expect(said).toContain(`${ESCAPE}[32mok     ${ESCAPE}[39m whatsapp ${check}: `)
  expect(said).toContain('whatsapp offer: WhatsApp offers to pair: a QR code could be shown.')
  const { status: again, lines } = await looks(theOne(network))
  expect([again, lines.map(({ ok }) => ok)]).toEqual([0, LIVE_CHECKS.map(() => true)])
})

it('says that nobody listens', async () => {
  const url = `ws://127.0.0.1:${await freePort()}/ws/chat`
  expect(faultIn(await looks(at(url)))).toMatch(
    /^whatsapp reach: Nobody listens at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\.$/,
  )
  const { lines } = await looks({ ...at(url), HTTPS_PROXY: 'http://127.0.0.1:1' })
  expect(lines[1]?.todo).toContain('the channel uses no proxy')
})

it('says that somebody in between opens what is encrypted, and that what answers speaks no TLS', async () => {
  await using inspecting = await webServer([], (_request, response) => response.end())
  expect(faultIn(await looks(at(`wss://127.0.0.1:${inspecting.port}/ws/chat`)))).toMatch(
    /^whatsapp reach: 127\.0\.0\.1:\d+ answers, but its TLS is not to be trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/,
  )
  await using plain = await listening(createServer(socket => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  expect(faultIn(await looks(at(`wss://127.0.0.1:${plain.port}/ws/chat`)))).toMatch(/its TLS is not to be trusted/)
})

it('says that an answer is no WebSocket', async () => {
  await using proxy = await listening(createWebServer((_request, response) => response.writeHead(403).end('no')))
  expect(faultIn(await looks(at(`ws://127.0.0.1:${proxy.port}/ws/chat`)))).toBe(
    'whatsapp socket: It is answered with HTTP 403 in place of a WebSocket.',
  )
})

it('says that the certificate leads to another root, and that it is none', async () => {
  await using network = await nextNetwork()
  const foreign = "whatsapp certificate: The server's certificate does not lead to WhatsApp's root."
  expect(faultIn(await looks(at(network.url)))).toBe(foreign)
  for (const fault of ['foreign_root', 'foreign_leaf_key', 'expired', 'garbage'] as const) {
    await network.faults.certificate(fault)
    expect(faultIn(await looks(theOne(network))), fault).toMatch(/^whatsapp certificate: /)
  }
})

it('says that WhatsApp refuses the version, or ends the line for another reason', async () => {
  await using network = await nextNetwork()
  await network.faults.refuseLogin(null, { reason: 405 })
  expect(faultIn(await looks(theOne(network)))).toMatch(
    /^whatsapp offer: WhatsApp refuses 2\.3000\.\d{10} as too old \(405\)\.$/,
  )
  await network.faults.refuseLogin(null, { reason: 500 })
  expect(faultIn(await looks(theOne(network)))).toBe(
    'whatsapp offer: WhatsApp ends the line before it offers a code (500).',
  )
  await network.faults.door('drop')
  expect(faultIn(await looks(theOne(network)))).toMatch(/^whatsapp (socket|certificate): /)
})

it('says what is wrong with the source of the version, and looks at the rest all the same', async () => {
  await using network = await nextNetwork()
  const wrongs = {
    html: 'is a page and no script',
    redirect: 'points to another address',
    not_found: 'answers with an error',
  }
  for (const [source, words] of Object.entries(wrongs) as [keyof typeof wrongs, string][]) {
    await network.behaves({ version_source: source })
    const { status, lines } = await looks(theOne(network))
    expect([status, lines.map(({ ok }) => ok)]).toEqual([1, [true, true, false, true, true, true]])
    expect(lines[2]?.says).toContain(words)
  }
  await network.behaves({ version_source: 1_044_000_000, version_floor_pairings: 1_044_000_000 })
  const { status, lines } = await looks(theOne(network))
  expect([status, lines[2]?.says]).toEqual([0, expect.stringContaining('The newest web client is 2.3000.1044000000')])
  await network.behaves({ version_floor_pairings: 1_044_000_001 })
  expect(faultIn(await looks(theOne(network)))).toBe(
    'whatsapp offer: WhatsApp refuses 2.3000.1044000000 as too old (405).',
  )
})

it('looks at no other network than one on loopback', async () => {
  const { status, lines } = await looks(at('ws://example.com/ws/chat'))
  expect([status, lines.length, lines[0]?.says]).toEqual([1, 1, expect.stringContaining('loopback')])
})
