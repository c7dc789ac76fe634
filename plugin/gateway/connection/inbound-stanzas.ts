import { areJidsSameUser, isJidStatusBroadcast, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'

import type { FileFault } from '../storage-guard.ts'
import type { Durability } from './socket-config.ts'
import { answerTo } from '../stanzas/stanza-answers.ts'

/**
 * Answers the stanzas that Baileys leaves unanswered, and passes every stanza to `heard` before Baileys gets it, even one that
 * cannot be answered.
 */
export function answerStanzas(
  socket: WASocket,
  heard: (stanza: BinaryNode) => void,
  life: { readonly fault: FileFault | null },
): void {
  socket.ws.on('frame', (stanza: BinaryNode | Uint8Array) => {
    // Until the handshake holds, frames are bytes that anybody may have written.
    if (stanza instanceof Uint8Array || life.fault) return
    heard(stanza)
    const answer = answerTo(stanza)
    if (answer) socket.sendNode(answer).catch(() => undefined)
  })
}

/**
 * Runs before all of Baileys' listeners. A cut connection delivers nothing more, and Baileys never gets a stanza that was not
 * stored.
 */
export function keepStanzas(
  socket: WASocket,
  durability: Durability,
  life: { readonly fault: FileFault | null },
): void {
  const { arrived, noticed, answered, askedAgain, held } = durability
  const emit = socket.ws.emit.bind(socket.ws)
  /** If the connection is cut in the meantime, the stanza is not acknowledged, and WhatsApp delivers it again. */
  const letPass = (stanza: BinaryNode, passes: Promise<boolean> | null): boolean => {
    if (!passes) return emit(`CB:${stanza.tag}`, stanza)
    const settled = passes.then(isFor => {
      if (life.fault) return
      if (isFor) emit(`CB:${stanza.tag}`, stanza)
      else void socket.sendMessageAck(stanza).catch(() => undefined)
    })
    settled.catch(() => undefined)
    return true
  }
  socket.ws.emit = (event: string | symbol, ...parts: unknown[]) => {
    if (life.fault && typeof event === 'string' && /^(CB|TAG):/.test(event)) return true
    if (typeof event === 'string' && event.startsWith('TAG:')) return emit(event, answered(parts[0] as BinaryNode))
    if (event === 'CB:receipt') noteRetry(parts[0] as BinaryNode, askedAgain)
    const given = parts[0] as BinaryNode
    const stanza = event === 'CB:message' ? ofItsSender(given, socket) : given
    if (event === 'CB:receipt') return letPass(stanza, held(stanza, socket))
    if (event === 'CB:notification' || event === 'CB:call') {
      return !isKept(noticed, stanza) || letPass(stanza, held(stanza, socket))
    }
    if (event !== 'CB:message') return emit(event, ...parts)
    if (isJidStatusBroadcast(stanza.attrs['from'] ?? '')) {
      dismiss(socket, stanza)
      return true
    }
    return !isKept(arrived, stanza) || emit(event, inLine(stanza))
  }
}

/** Whether the stanza was stored. Nothing gets one that was not, so nothing acknowledges it. */
function isKept(keep: (stanza: BinaryNode) => void, stanza: BinaryNode): boolean {
  try {
    keep(stanza)
    return true
  } catch {
    return false
  }
}

function noteRetry({ attrs }: BinaryNode, askedAgain: Durability['askedAgain']): void {
  const asking = attrs['participant'] ?? attrs['from']
  if (attrs['type'] === 'retry' && asking !== undefined) askedAgain(asking)
}

/**
 * Removes the address of a message's recipient when that is us. Baileys takes it for an address of the author if there is no other,
 * and would then treat the author as us.
 */
function ofItsSender(stanza: BinaryNode, { user }: Pick<WASocket, 'user'>): BinaryNode {
  const { peer_recipient_pn: pn, peer_recipient_lid: lid, ...attrs } = stanza.attrs
  const isForUs = [pn, lid].some(jid => jid && (areJidsSameUser(jid, user?.id) || areJidsSameUser(jid, user?.lid)))
  return isForUs && attrs['recipient'] === undefined ? { ...stanza, attrs } : stanza
}

/**
 * Marks a stanza as part of the backlog. Baileys handles those one at a time in their order of arrival, and lets a live one
 * overtake them, even in the same chat.
 */
const inLine = (stanza: BinaryNode): BinaryNode => ({ ...stanza, attrs: { offline: '0', ...stanza.attrs } })

/**
 * A status post belongs to no conversation. It is acknowledged and not handled: Baileys refuses one that it cannot decrypt, and a
 * refused one holds up everything behind it.
 */
function dismiss(socket: WASocket, status: BinaryNode): void {
  socket.sendMessageAck(status).catch(() => undefined)
}
