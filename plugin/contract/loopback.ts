import type { NetworkChoice } from './gateway-protocol.ts'

const LOOPBACK_HOST = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/
const ROOT_KEY = /^[0-9a-f]{64}$/i

/** Whether a URL's host can only be on this machine. */
export const isLoopbackHost = (hostname: string): boolean => LOOPBACK_HOST.test(hostname)

/**
 * Why another network than WhatsApp's own is refused, as a sentence for a person; null when it may be used. Only loopback
 * addresses are, and `localhost`, which RFC 6761 §6.3 keeps there: any other name is whatever a resolver says it is. Asked
 * on both sides of the process border.
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

/** The version of another network is not WhatsApp's to name, and a host that is not this machine has no say in it either. */
function versionRefusal(versionUrl: string | null): string | null {
  if (versionUrl === null) return null
  const url = URL.canParse(versionUrl) ? new URL(versionUrl) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return 'WHATSAPP_WEB_VERSION_URL is not an http:// or https:// address.'
  }
  if (isLoopbackHost(url.hostname)) return null
  return 'WHATSAPP_WEB_VERSION_URL may only name a loopback address, such as http://127.0.0.1:<port>/sw.js.'
}
