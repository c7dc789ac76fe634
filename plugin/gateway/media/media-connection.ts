import { getBinaryNodeChild, getBinaryNodeChildren, S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys'

/** WhatsApp's current hosts for files, and the authorisation that an upload needs. */
export type MediaConnection = { readonly hosts: readonly string[]; readonly auth: string }

type Known = MediaConnection & { readonly until: number }

const known = new WeakMap<WASocket, Known>()

/**
 * Asks WhatsApp for its hosts for files, no more often than it wants to be asked. Baileys keeps the first answer for as long as a
 * connection lasts, even when that was a failure.
 */
export async function mediaConnection(socket: WASocket, { fresh } = { fresh: false }): Promise<MediaConnection> {
  const before = known.get(socket)
  if (before && !fresh && performance.now() < before.until) return before
  const attrs = { type: 'set', xmlns: 'w:m', to: S_WHATSAPP_NET }
  const answer: unknown = await socket.query({ tag: 'iq', attrs, content: [{ tag: 'media_conn', attrs: {} }] })
  const node = getBinaryNodeChild(answer as Parameters<typeof getBinaryNodeChild>[0], 'media_conn')
  const hosts = getBinaryNodeChildren(node, 'host').flatMap(({ attrs: host }) => host['hostname'] ?? [])
  const { auth = '', ttl = '' } = node?.attrs ?? {}
  const found = { hosts, auth, until: performance.now() + (Number(ttl) || 0) * 1_000 }
  known.set(socket, found)
  return found
}
