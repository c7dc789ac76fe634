import { getAllBinaryNodeChildren, getBinaryNodeChildren, type BinaryNode } from '@whiskeysockets/baileys'

import type { GroupChange, MessageContent } from '../../contract/content.ts'
import { type Chat, type Person, samePerson } from '../../contract/ids.ts'
import type { InboundMessage } from '../../contract/message.ts'
import type { Reading } from './from-whatsapp.ts'
import { groupOfJid, personOfJids } from '../kinds/jid.ts'
import { instantOf } from '../kinds/proto-numbers.ts'

/** The changes of a group that its members see, by WhatsApp's names for them. */
const CHANGES: Readonly<Record<string, GroupChange>> = {
  create: 'created',
  add: 'added',
  remove: 'removed',
  leave: 'left',
  promote: 'promoted',
  demote: 'demoted',
  subject: 'subject',
  description: 'description',
}

const CALLS = new Set(['offer', 'offer_notice'])

/**
 * A notice of WhatsApp's server that no person wrote: a group has changed, or a person calls. Null for all other notices, which are
 * meant for the device.
 */
export function noticeFrom(stanza: BinaryNode, reading: Reading): InboundMessage | null {
  const notice = stanza.tag === 'call' ? callIn(stanza) : groupChangeIn(stanza)
  if (!notice) return null
  const { stanzaId, content } = notice
  const sender = reading.complete(notice.sender)
  return {
    stanzaId,
    chat: notice.chat ?? { kind: 'direct', peer: sender },
    sender,
    receiver: reading.self,
    fromMe: samePerson(sender, reading.self),
    senderName: stanza.attrs['notify'] || null,
    content,
    file: null,
    mentioned: false,
    quoted: null,
    edits: null,
    sentAt: instantOf(stanza.attrs['t']) ?? reading.receivedAt,
    receivedAt: reading.receivedAt,
  }
}

/** `chat` is null for the chat with the sender. */
type Notice = Pick<InboundMessage, 'stanzaId' | 'sender' | 'content'> & { readonly chat: Chat | null }

function groupChangeIn({ tag, attrs, content }: BinaryNode): Notice | null {
  const group = groupOfJid(attrs['from'])
  const [told] = Array.isArray(content) ? content : []
  const change = tag === 'notification' && attrs['type'] === 'w:gp2' ? CHANGES[told?.tag ?? ''] : undefined
  if (!group || !attrs['id'] || !told || !change) return null
  const people = getBinaryNodeChildren(told, 'participant').flatMap(({ attrs: each }) => {
    const person = personOfJids(each['jid'], each['phone_number'] ?? each['lid'])
    return person ? [person] : []
  })
  const named = personOfJids(attrs['participant'], attrs['participant_pn'] ?? attrs['participant_lid'])
  const actor = named ? completed(named, people) : people[0]
  if (!actor) return null
  return {
    stanzaId: attrs['id'],
    chat: { kind: 'group', group },
    sender: actor,
    content: { kind: 'group_change', change: seenBy(change, actor, people), people, text: textIn(told) },
  }
}

/** A notice tells more about the affected people than about the person who acted. */
function completed(actor: Person, people: readonly Person[]): Person {
  const same = people.find(person => samePerson(person, actor))
  return { lid: actor.lid ?? same?.lid ?? null, phone: actor.phone ?? same?.phone ?? null }
}

/** A person who was added or removed by themselves has joined or left. */
function seenBy(change: GroupChange, actor: Person, people: readonly Person[]): GroupChange {
  const [only, ...others] = people
  if (!only || others.length > 0 || !samePerson(only, actor)) return change
  if (change === 'added') return 'joined'
  return change === 'removed' ? 'left' : change
}

function textIn(told: BinaryNode): string {
  if (told.tag === 'subject') return told.attrs['subject'] ?? ''
  if (told.tag === 'create')
    return getBinaryNodeChildren(told, 'group')[0]?.attrs['subject'] ?? told.attrs['subject'] ?? ''
  if (told.tag !== 'description') return ''
  const written = getBinaryNodeChildren(told, 'body')[0]?.content
  if (typeof written === 'string') return written
  return written instanceof Uint8Array ? Buffer.from(written).toString('utf8') : ''
}

function callIn(stanza: BinaryNode): Notice | null {
  const offer = getAllBinaryNodeChildren(stanza).find(({ tag }) => CALLS.has(tag))
  const caller = personOfJids(offer?.attrs['call-creator'] ?? stanza.attrs['from'], offer?.attrs['caller_pn'])
  const stanzaId = offer?.attrs['call-id']
  if (!offer || !caller || !stanzaId) return null
  const group = groupOfJid(offer.attrs['group-jid'])
  const video = offer.attrs['media'] === 'video' || getBinaryNodeChildren(offer, 'video').length > 0
  const content: MessageContent = { kind: 'call', video }
  return { stanzaId, chat: group && { kind: 'group', group }, sender: caller, content }
}
