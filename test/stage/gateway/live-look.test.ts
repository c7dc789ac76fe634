import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { encodeBinaryNode } from '@whiskeysockets/baileys'

import { expect, it } from 'vitest'

import { LIVE_TIMES, type LiveFinding, type LiveTimes } from '../../../plugin/contract/live-check.ts'
import { hardenHandshake } from '../../../plugin/gateway/connection/server-certificate.ts'
import { lookAtWhatsApp, type LiveParts } from '../../../plugin/gateway/network-check/network-check.ts'
import { startNetwork } from '../../support/network.ts'

const HERE = { address: '127.0.0.1', family: 4 }
const BRIEF: LiveTimes = { ...LIVE_TIMES, name: 50, reach: 300, socket: 300, offer: 2_000 }

async function findings(
  socketUrl: string,
  resolve: LiveParts['resolve'],
  harden: LiveParts['harden'] = () => undefined,
): Promise<LiveFinding[]> {
  const told: LiveFinding[] = []
  const place = { socketUrl, network: { url: socketUrl }, versionUrl: null, hasProxy: false }
  await lookAtWhatsApp(place, { resolve, times: BRIEF, harden, tell: finding => told.push(finding) })
  return told
}

const failed = (told: readonly LiveFinding[]): string | undefined => told.find(({ ok }) => !ok)?.says
const resolvesHere = () => Promise.resolve([HERE])

/** Takes connections and never says a word. */
async function silent(): Promise<AsyncDisposable & { port: number }> {
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

it('tells a name that nobody knows from a resolver that is silent and from one that has no address', async () => {
  const url = 'wss://web.whatsapp.com/ws/chat'
  const unknown = await findings(url, () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })))
  expect(unknown.map(({ says }) => says)).toEqual([
    'The name web.whatsapp.com does not resolve (ENOTFOUND).',
    ...Array<string>(5).fill('Not tried, because the name does not resolve.'),
  ])
  expect(failed(await findings(url, () => new Promise(() => undefined)))).toBe(
    'Nobody says within 0.05 s where web.whatsapp.com is.',
  )
  expect(failed(await findings(url, () => Promise.resolve([])))).toBe('web.whatsapp.com has no address.')
})

it('waits for nobody for ever: neither for TLS nor for a WebSocket nor for an offer', async () => {
  await using server = await silent()
  const place = `127.0.0.1:${server.port}`
  expect(failed(await findings(`wss://${place}/ws/chat`, resolvesHere))).toBe(`${place} does not answer within 0.3 s.`)
  expect(failed(await findings(`ws://${place}/ws/chat`, resolvesHere))).toBe('No WebSocket opens within 0.3 s.')
})

it('says that nothing is offered, and that an offer holds no code that can be read', async () => {
  await using network = await startNetwork()
  await network.faults.door('mute')
  const root = Buffer.from(network.noiseRootKey, 'hex')
  const mute = findings(network.url, resolvesHere, trusted => hardenHandshake(root, Date.now, trusted))
  expect(failed(await mute)).toBe('WhatsApp offers no code within 2 s.')
  let offered: Promise<LiveFinding[]> = Promise.resolve([])
  await new Promise<void>(proved => {
    offered = findings(network.url, resolvesHere, trusted =>
      hardenHandshake(root, Date.now, () => {
        trusted()
        proved()
      }),
    )
  })
  const offer = { tag: 'pair-device', attrs: {}, content: [{ tag: 'ref', attrs: {} }] }
  const attrs = { id: '1', from: '@s.whatsapp.net', type: 'set', xmlns: 'md' }
  const written = () => network.faults.write(null, [encodeBinaryNode({ tag: 'iq', attrs, content: [offer] })])
  while ((await written()) === 0);
  expect(failed(await offered)).toBe('WhatsApp offers to pair, with no code that can be read.')
})
