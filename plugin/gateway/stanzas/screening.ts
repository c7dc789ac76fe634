import type { AuthenticationState, BinaryNode, WASocket } from '@whiskeysockets/baileys'

import type { Log } from '../../contract/host.ts'

/**
 * What happens to a stanza: Baileys gets the stanza in `take`, it is only acknowledged, WhatsApp is only told that the groups are
 * known (`clean`), or it is dropped.
 */
type Verdict = { readonly take: BinaryNode } | 'acknowledge' | 'clean' | 'drop'
type Screen = (stanza: BinaryNode, line: LineState) => Verdict

/** Whether a device is linked by this login, and whether the server has accepted the login on this connection. */
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
 * The screens between WhatsApp's server and those listeners of Baileys 7.0.0-rc14 that throw at, or act on, stanzas that no server
 * should send. Such a stanza is acknowledged at most.
 */
const SCREENS: Readonly<Record<string, Screen>> = {
  // Nothing here uses presence or chat states, and a chat state without a child makes Baileys throw.
  'CB:presence': nobody,
  'CB:chatstate': nobody,
  // The journal has stored the call. Nothing listens to Baileys' event for it, and a `terminate` without a chat makes Baileys
  // throw.
  'CB:call': () => 'acknowledge',
  'CB:notification': screenNotification,
  // A receipt without a sender makes Baileys throw, and is left unanswered.
  'CB:receipt': stanza => (stanza.attrs['from'] === undefined ? 'acknowledge' : take(stanza)),
  'CB:ib,,dirty': screenDirty,
  // Each further one would publish keys and announce again that the device is online.
  'CB:success': (stanza, line) => {
    if (line.welcomed) return 'drop'
    line.welcomed = true
    return take(stanza)
  },
  // A device is linked once. In an offer, a ref without bytes makes Baileys throw, and so does an answer on a connection that is
  // down.
  'CB:iq,,pair-success': onlyUnlinked(take),
  'CB:iq,type:set,pair-device': onlyUnlinked((stanza, { isUp }) => (isUp() ? take(withReadableRefs(stanza)) : 'drop')),
}

/** Keeps from Baileys what it must not get. A stanza that Baileys would have acknowledged is acknowledged all the same. */
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
    if (!told.has(event)) log.debug({ kind: event }, 'stanza not handled')
    told.add(event)
    return true
  }
}

/**
 * When notified of a pairing code, a linked device would create another secret; when notified of an app state, Baileys would
 * request one of any name.
 */
function screenNotification(stanza: BinaryNode, { linked }: LineState): Verdict {
  const { type } = stanza.attrs
  if (type === 'link_code_companion_reg' && linked) return 'acknowledge'
  if (type !== 'server_sync') return take(stanza)
  return COLLECTIONS.has(childOf(stanza, 'collection')?.attrs['name'] ?? '') ? take(stanza) : 'acknowledge'
}

/** Baileys would ask for all groups and leave a failure unhandled. We ask for groups one by one, when they are written to. */
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
