import { initAuthCreds, type AuthenticationState } from '@whiskeysockets/baileys'
import type { IncomingMessage } from 'node:http'

import type { LiveTimes } from '../../contract/live-check.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import { OWN_NAME } from '../connection/browser-name.ts'
import { createDeviceCache } from '../recipients/device-cache.ts'
import { openConnection, type Connection, type ConnectionListener } from '../connection/socket.ts'
import type { Closing } from '../connection/disconnect-policy.ts'
import type { ConnectionSettings } from '../connection/socket-config.ts'

/** The result of a connection that uses nobody's login. */
export type LineSeen = {
  /** The status of an HTTP answer that came instead of a WebSocket; null: there was none. */
  readonly httpStatus: number | null
  readonly opened: boolean
  /** The server has proved its identity under the current root. */
  readonly proved: boolean
  /** How many codes the server offers; null: it offered nothing. */
  readonly codes: number | null
  /** How the connection ended by itself; null: it did not, because it was given up or had done everything. */
  readonly closing: Closing | null
}

const NOTHING = (): undefined => undefined
const SILENT = { trace: NOTHING, debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING }

type Wanted = {
  /** Null: WhatsApp itself. */
  readonly url: string | null
  readonly version: WebVersion
  readonly times: LiveTimes
  /** Makes handshakes strict, and calls `trusted` for each one that holds. */
  readonly harden: (trusted: () => void) => void
}

/** Opens a connection like the first step of a pairing, and closes it when codes were offered, or when a step takes too long. */
export async function seeLine({ url, version, times, harden }: Wanted): Promise<LineSeen> {
  const seen = { httpStatus: null as number | null, opened: false, proved: false, codes: null as number | null }
  let connection: Connection | undefined
  let timer: NodeJS.Timeout | undefined
  const closing = await new Promise<Closing | null>(done => {
    const wait = (withinMs: number): void => {
      clearTimeout(timer)
      timer = setTimeout(done, withinMs, null)
    }
    const listener: ConnectionListener = {
      opened: NOTHING,
      reported: NOTHING,
      closed: done,
      offered: codes => {
        seen.codes = codes.length
        done(null)
      },
    }
    harden(() => {
      seen.proved = true
      wait(times.offer)
    })
    connection = openConnection(nobody(), settingsOf(url, version), listener)
    connection.socket.ws.on('open', () => {
      seen.opened = true
      wait(times.certificate)
    })
    connection.socket.ws.on('unexpected-response', (_request: unknown, { statusCode = 0 }: IncomingMessage) => {
      seen.httpStatus = statusCode
      done(null)
    })
    wait(times.socket)
  })
  clearTimeout(timer)
  connection?.socket.ws.on('error', NOTHING)
  void connection?.end().catch(NOTHING)
  return { ...seen, closing }
}

/** A login that no phone knows, and that is stored nowhere. */
function nobody(): AuthenticationState {
  return { creds: initAuthCreds(), keys: { get: () => ({}), set: NOTHING } }
}

function settingsOf(url: string | null, version: WebVersion): ConnectionSettings {
  return {
    url,
    version,
    log: SILENT,
    trace: null,
    isRouted: () => false,
    acted: NOTHING,
    keepAliveMs: 60_000,
    appearance: OWN_NAME,
    sent: () => null,
    cachedGroup: NOTHING,
    devices: createDeviceCache(Date.now).store,
    retryCounts: { get: NOTHING, set: NOTHING, del: NOTHING, flushAll: NOTHING },
    heard: NOTHING,
    durability: null,
  }
}
