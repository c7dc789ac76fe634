/**
 * A separate program that checks WhatsApp without a link and writes its findings as JSON lines. As in process.ts, nothing may
 * print, and libsignal must be strict, before any module of Baileys is evaluated.
 */
import { lookup } from 'node:dns/promises'
import { writeSync } from 'node:fs'

import { LIVE_TIMES, type LiveFinding } from '../contract/live-check.ts'
import { networkRefusal } from '../contract/loopback.ts'
import { hardenLibsignal } from './signal/curve.ts'
import { silence } from './mute-console.ts'

silence()
hardenLibsignal()

const STDOUT = 1
const tell = (finding: LiveFinding): void => void writeSync(STDOUT, `${JSON.stringify(finding)}\n`)

const {
  WHATSAPP_WEB_SOCKET_URL: url = '',
  WHATSAPP_NOISE_ROOT_KEY: noiseRootKey = '',
  WHATSAPP_WEB_VERSION_URL: versionUrl = '',
  HTTPS_PROXY: proxy = process.env['https_proxy'] ?? '',
} = process.env
const network = url || noiseRootKey || versionUrl ? { url, noiseRootKey, versionUrl: versionUrl || null } : null
const refusal = network && networkRefusal(network)

if (refusal) {
  const todo = 'Unset WHATSAPP_WEB_SOCKET_URL and WHATSAPP_NOISE_ROOT_KEY to look at WhatsApp itself.'
  tell({ check: 'name', ok: false, says: refusal, todo })
} else {
  const [{ hardenHandshake }, { lookAtWhatsApp }, { WHATSAPP_SOURCE }, { DEFAULT_CONNECTION_CONFIG }] =
    await Promise.all([
      import('./connection/server-certificate.ts'),
      import('./network-check/network-check.ts'),
      import('./login/version-source.ts'),
      import('@whiskeysockets/baileys'),
    ])
  const rootKey = network && Buffer.from(network.noiseRootKey, 'hex')
  const place = {
    socketUrl: network?.url ?? String(DEFAULT_CONNECTION_CONFIG.waWebSocketUrl),
    network,
    versionUrl: network ? network.versionUrl : WHATSAPP_SOURCE,
    hasProxy: proxy !== '',
  }
  await lookAtWhatsApp(place, {
    resolve: hostname => lookup(hostname, { all: true }),
    times: LIVE_TIMES,
    harden: trusted => hardenHandshake(rootKey, Date.now, trusted),
    tell,
  })
}
process.exit(0)
