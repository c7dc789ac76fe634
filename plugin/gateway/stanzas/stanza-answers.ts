import { S_WHATSAPP_NET, type BinaryNode } from '@whiskeysockets/baileys'

/**
 * The kinds of stanza that have their answer: Baileys 7.0.0-rc14 gives it, or none is due. Of the rest, WhatsApp's server holds
 * what nobody answers for, brings it at every login, and ends the stream over it (whatsapp-rust#1101, 2026-07-25).
 */
const ANSWERED = new Set([
  'message',
  'receipt',
  'notification',
  'call',
  'ack',
  'iq',
  'ib',
  'presence',
  'chatstate',
  'success',
  'failure',
  'error',
  'xmlstreamstart',
  'xmlstreamend',
])

/** People's statuses: nobody's message (whatsmeow a2381054, 2026-07-20, acknowledges them likewise). */
const STATUS = 'status'

const SERVER = new Set([S_WHATSAPP_NET, 's.whatsapp.net'])

export const isUnanswered = ({ tag }: BinaryNode): boolean => !ANSWERED.has(tag) && !tag.startsWith('stream:')

/** Whether it is of a kind that this version does not know at all. */
export const isUnknown = (stanza: BinaryNode): boolean => isUnanswered(stanza) && stanza.tag !== STATUS

/** What is written in answer to a stanza that Baileys leaves unanswered; null: nothing, or nothing can be. */
export function answerTo(stanza: BinaryNode): BinaryNode | null {
  if (stanza.tag === 'iq') return pongFor(stanza)
  return isUnanswered(stanza) ? ackFor(stanza) : null
}

/**
 * An `<ack>` of the stanza's own kind; null when there is no id. What names nobody as its sender is acknowledged to nobody, as
 * Baileys (stanza-ack.js) and whatsmeow (receipt.go, `sendAck`) have it; WhatsApp Web would leave it lying.
 */
export function ackFor({ tag, attrs }: BinaryNode): BinaryNode | null {
  const { id, from: to, participant, recipient, type } = attrs
  return id ? { tag: 'ack', attrs: { id, class: tag, ...present({ to, participant, recipient, type }) } } : null
}

/**
 * WhatsApp's server wants to know whether we are there; it drops a connection without an answer (whatsapp-rust, `handle_iq`). Its pings
 * have no id, and so has the answer (WhatsApp Web, `handleIq`).
 */
function pongFor({ attrs }: BinaryNode): BinaryNode | null {
  const { id, from, type = 'get', xmlns } = attrs
  if (xmlns !== 'urn:xmpp:ping' || type !== 'get' || !SERVER.has(from ?? S_WHATSAPP_NET)) return null
  return { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'result', ...present({ id }) } }
}

const present = (attrs: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(attrs).filter((pair): pair is [string, string] => Boolean(pair[1])))

/** A plain word: what a kind of stanza may be called in a log or a metric. */
const PLAIN = /^[a-z][a-z:_-]{0,31}[0-9]{0,2}$/
/** So many kinds have a name; a server may make up any number. */
const KINDS_MOST = 32

/** Names the kinds that nobody knows: the first ones as they are, later ones `other`, and what is no plain word `malformed`. */
export function createKindNames(): (tag: string) => string {
  const known = new Set<string>()
  return tag => {
    if (!PLAIN.test(tag)) return 'malformed'
    if (known.size < KINDS_MOST) known.add(tag)
    return known.has(tag) ? tag : 'other'
  }
}
