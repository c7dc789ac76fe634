import type { NetworkChoice } from './gateway-protocol.ts'

const LOOPBACK_HOST = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/
const ROOT_KEY = /^[0-9a-f]{64}$/i

/** Whether a URL's host is certain to be this machine. */
export const isLoopbackHost = (hostname: string): boolean => LOOPBACK_HOST.test(hostname)

/**
 * Why a network other than WhatsApp's own is refused, as a sentence for a person; null if it may be used. Allowed are only
 * loopback addresses and `localhost`, which RFC 6761 §6.3 reserves for loopback; any other name depends on a resolver. Checked on
 * both sides of the process boundary.
 */
export function networkRefusal(network: NetworkChoice): string | null {
  const url = URL.canParse(network.url) ? new URL(network.url) : null
  if (!url || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    return 'WHATSAPP_WEB_SOCKET_URL is not a ws:// or wss:// address.'
  }
  if (!isLoopbackHost(url.hostname)) {
    return 'WHATSAPP_WEB_SOCKET_URL may only name a loopback address, such as ws://127.0.0.1:<port>/ws/chat.'
  }
  if (!ROOT_KEY.test(network.noiseRootKey)) return 'WHATSAPP_NOISE_ROOT_KEY must be 32 bytes in hex.'
  return versionRefusal(network.versionUrl)
}

/** WhatsApp must not name the version of another network, and neither may a host that is not this machine. */
function versionRefusal(versionUrl: string | null): string | null {
  if (versionUrl === null) return null
  const url = URL.canParse(versionUrl) ? new URL(versionUrl) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return 'WHATSAPP_WEB_VERSION_URL is not an http:// or https:// address.'
  }
  if (isLoopbackHost(url.hostname)) return null
  return 'WHATSAPP_WEB_VERSION_URL may only name a loopback address, such as http://127.0.0.1:<port>/sw.js.'
}
