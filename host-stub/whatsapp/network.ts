import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { answerControl } from './control/control.ts'
import type { NetworkState } from './contract/control-contract.ts'
import { instantNow } from './world/ledger.ts'
import type { MediaHost } from './media/media-host.ts'
import type { QrValidity } from './world/registration.ts'
import { answerVersion, versionPath } from './server/version-source.ts'
import { receiveVisit } from './server/visit.ts'
import { makeWorld, type World } from './world/world.ts'

export interface NetworkOptions {
  port: number
  qrValidity: QrValidity
  /** The folder for files; null: the network supports no files. */
  mediaFolder: string | null
}

const loopback = '127.0.0.1'
const clientPath = '/ws/chat'
const tokenBytes = 24

/** Opens the network on loopback: WhatsApp's WebSocket for clients, and the control API for its starter. */
export async function openNetwork({ port, qrValidity, mediaFolder }: NetworkOptions): Promise<NetworkState> {
  const media = mediaFolder === null ? null : await mediaHostIn(mediaFolder)
  const world = makeWorld(qrValidity, media)
  const token = randomBytes(tokenBytes).toString('base64url')
  const server = createServer((request, response) => {
    const [path, query] = (request.url ?? '').split('?')
    if (path === versionPath) answerVersion(world, query !== undefined, response)
    else void answerControl({ world, token }, request, response)
  })
  // The caller closes connections: otherwise a caller that was busy for seconds could find its connection closed at its next call.
  server.keepAliveTimeout = 0
  acceptClients(world, server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve)
  })
  const host = `${loopback}:${(server.address() as AddressInfo).port}`
  return {
    ready: true,
    url: `ws://${host}${clientPath}`,
    noise_root_key: world.authority.root.publicKey.toString('hex'),
    version_url: `http://${host}${versionPath}`,
    control: `http://${host}/control`,
    control_token: token,
    media: media && { host: media.hostname, ca_file: media.caFile },
  }
}

/** Loaded lazily, because the certificate library takes long to load and only networks with files need it. */
async function mediaHostIn(folder: string): Promise<MediaHost> {
  const { openMediaHost } = await import('./media/media-host.ts')
  return openMediaHost(folder)
}

function acceptClients(world: World, server: Server): void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, socket: Duplex, head) => {
    const { door } = world.faults
    const [path, query] = (request.url ?? '').split('?')
    const refused = door === 'refuse' || path !== clientPath
    const entry = { at: instantNow(), outcome: refused ? ('refused' as const) : ('accepted' as const) }
    world.ledger.write(page => page.connects.push(entry))
    if (refused) {
      socket.destroy()
      return
    }
    sockets.handleUpgrade(request, socket, head, client => {
      if (door === 'drop') client.terminate()
      else receiveVisit(world, client, new URLSearchParams(query))
    })
  })
}
