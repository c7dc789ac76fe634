import { S_WHATSAPP_NET, type BinaryNode } from '@whiskeysockets/baileys'

/**
 * The kinds of stanza that Baileys 7.0.0-rc14 answers, or that need no answer. WhatsApp's server keeps all others until they are
 * answered, sends them at every login, and ends the stream over them (whatsapp-rust#1101, 2026-07-25).
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

/** People's statuses, which belong to no conversation (whatsmeow a2381054, 2026-07-20, acknowledges them likewise). */
const STATUS = 'status'

const SERVER = new Set([S_WHATSAPP_NET, 's.whatsapp.net'])

export const isUnanswered = ({ tag }: BinaryNode): boolean => !ANSWERED.has(tag) && !tag.startsWith('stream:')

/** Whether a stanza is of a kind that this version does not know at all. */
export const isUnknown = (stanza: BinaryNode): boolean => isUnanswered(stanza) && stanza.tag !== STATUS

/** The answer to a stanza that Baileys leaves unanswered; null: none is needed, or none is possible. */
export function answerTo(stanza: BinaryNode): BinaryNode | null {
  if (stanza.tag === 'iq') return pongFor(stanza)
  return isUnanswered(stanza) ? ackFor(stanza) : null
}

/**
 * An `<ack>` of the stanza's own kind; null when there is no id. A stanza without a sender is acknowledged without a recipient, as
 * in Baileys (stanza-ack.js) and whatsmeow (receipt.go, `sendAck`); WhatsApp Web would not answer it.
 */
export function ackFor({ tag, attrs }: BinaryNode): BinaryNode | null {
  const { id, from: to, participant, recipient, type } = attrs
  return id ? { tag: 'ack', attrs: { id, class: tag, ...present({ to, participant, recipient, type }) } } : null
}

/**
 * Answers the ping with which WhatsApp's server checks whether we are there; it drops a connection without an answer
 * (whatsapp-rust, `handle_iq`). Its pings have no id, and neither has the answer (WhatsApp Web, `handleIq`).
 */
function pongFor({ attrs }: BinaryNode): BinaryNode | null {
  const { id, from, type = 'get', xmlns } = attrs
  if (xmlns !== 'urn:xmpp:ping' || type !== 'get' || !SERVER.has(from ?? S_WHATSAPP_NET)) return null
  return { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'result', ...present({ id }) } }
}

const present = (attrs: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(attrs).filter((pair): pair is [string, string] => Boolean(pair[1])))

/** A plain word, which may name a kind of stanza in a log or a metric. */
const PLAIN = /^[a-z][a-z:_-]{0,31}[0-9]{0,2}$/
/** At most this many kinds get a name; a server may make up any number. */
const KINDS_MOST = 32

/** Names the unknown kinds: the first ones by their tags, later ones `other`, and a tag that is no plain word `malformed`. */
export function createKindNames(): (tag: string) => string {
  const known = new Set<string>()
  return tag => {
    if (!PLAIN.test(tag)) return 'malformed'
    if (known.size < KINDS_MOST) known.add(tag)
    return known.has(tag) ? tag : 'other'
  }
}
