import type { AuthenticationState, BinaryNode, WASocket } from '@whiskeysockets/baileys'

import type { Log } from '../../contract/host.ts'

/**
 * What becomes of a stanza: Baileys takes it as it is or as it is given here, it is only acknowledged, it is only said that the
 * groups are known, or nobody takes it.
 */
type Verdict = { readonly take: BinaryNode } | 'acknowledge' | 'clean' | 'drop'
type Screen = (stanza: BinaryNode, line: LineState) => Verdict

/** Whether a device is linked by this login, and whether the server has let it in on this connection. */
type LineState = { readonly linked: boolean; readonly isUp: () => boolean; welcomed: boolean }

/** The parts of the app state (whatsmeow, appstate/keys.go, `AllPatchNames`). */
const COLLECTIONS = new Set(['critical_block', 'critical_unblock_low', 'regular_high', 'regular_low', 'regular'])
const SECONDS = /^[0-9]{1,10}$/

const take = (stanza: BinaryNode): Verdict => ({ take: stanza })
const nobody: Screen = () => 'drop'
const onlyUnlinked =
  (otherwise: Screen): Screen =>
  (stanza, line) =>
    line.linked ? 'drop' : otherwise(stanza, line)

/**
 * What stands between WhatsApp's server and the listeners of Baileys 7.0.0-rc14 that throw at, or act on, what no server should
 * write: at most it is acknowledged.
 */
const SCREENS: Readonly<Record<string, Screen>> = {
  // Nobody here asks who writes or is there, and a chat state without a child is an exception.
  'CB:presence': nobody,
  'CB:chatstate': nobody,
  // The journal has taken the call; what Baileys makes of it nobody listens to, and a `terminate` without a chat is an exception.
  'CB:call': () => 'acknowledge',
  'CB:notification': screenNotification,
  // One of nobody is an exception, and is left unanswered.
  'CB:receipt': stanza => (stanza.attrs['from'] === undefined ? 'acknowledge' : take(stanza)),
  'CB:ib,,dirty': screenDirty,
  // Each one would publish keys and say again that the device is there.
  'CB:success': (stanza, line) => {
    if (line.welcomed) return 'drop'
    line.welcomed = true
    return take(stanza)
  },
  // A device is linked once. Of an offer, a reference without bytes is an exception, and so is an answer to a connection that is down.
  'CB:iq,,pair-success': onlyUnlinked(take),
  'CB:iq,type:set,pair-device': onlyUnlinked((stanza, { isUp }) => (isUp() ? take(withReadableRefs(stanza)) : 'drop')),
}

/** Keeps from Baileys what it must not see. What it would have answered for is acknowledged all the same. */
export function screenStanzas(socket: WASocket, { creds }: AuthenticationState, log: Log): void {
  const line: LineState = { linked: creds.account !== undefined, isUp: () => socket.ws.isOpen, welcomed: false }
  const told = new Set<string>()
  const emit = socket.ws.emit.bind(socket.ws)
  socket.ws.emit = (event: string | symbol, ...parts: unknown[]) => {
    const screen = typeof event === 'string' ? SCREENS[event] : undefined
    if (!screen || typeof event !== 'string') return emit(event, ...parts)
    const stanza = parts[0] as BinaryNode
    const verdict = screen(stanza, line)
    if (typeof verdict === 'object') return emit(event, verdict.take)
    if (verdict === 'clean') socket.cleanDirtyBits('groups').catch(() => undefined)
    if (verdict === 'acknowledge') socket.sendMessageAck(stanza).catch(() => undefined)
    if (!told.has(event)) log.debug({ kind: event }, 'stanza_not_taken')
    told.add(event)
    return true
  }
}

/** A linked device that is told of a pairing code would make itself another secret; an app state of any name is asked for. */
function screenNotification(stanza: BinaryNode, { linked }: LineState): Verdict {
  const { type } = stanza.attrs
  if (type === 'link_code_companion_reg' && linked) return 'acknowledge'
  if (type !== 'server_sync') return take(stanza)
  return COLLECTIONS.has(childOf(stanza, 'collection')?.attrs['name'] ?? '') ? take(stanza) : 'acknowledge'
}

/** Baileys would ask for all groups and leave a failure to nobody; ours are asked for one by one, when they are written to. */
function screenDirty(stanza: BinaryNode): Verdict {
  const { type = '', timestamp = '' } = childOf(stanza, 'dirty')?.attrs ?? {}
  if (!SECONDS.test(timestamp)) return 'drop'
  return type === 'groups' || type === 'communities' ? 'clean' : take(stanza)
}

function withReadableRefs(stanza: BinaryNode): BinaryNode {
  const children = Array.isArray(stanza.content) ? stanza.content : []
  const content = children.map(child =>
    child.tag === 'pair-device' && Array.isArray(child.content)
      ? { ...child, content: child.content.filter(ref => ref.tag !== 'ref' || ref.content instanceof Uint8Array) }
      : child,
  )
  return { ...stanza, content }
}

function childOf({ content }: BinaryNode, tag: string): BinaryNode | undefined {
  return Array.isArray(content) ? content.find(child => child.tag === tag) : undefined
}
