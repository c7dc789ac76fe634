import {
  S_WHATSAPP_NET,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  type BinaryNode,
  type WASocket,
} from '@whiskeysockets/baileys'

import type { LookupOutcome } from '../../contract/contact.ts'
import type { Person, Phone } from '../../contract/ids.ts'
import { personOfJid } from '../kinds/jid.ts'

/** What a lookup queries, and where it stores the LID that it finds. */
export type LookupSource = Pick<WASocket, 'query' | 'generateMessageTag' | 'signalRepository'>

const PATIENCE_MS = 15_000
const SILENT: LookupOutcome = { outcome: 'unanswered', code: null }

/**
 * Asks WhatsApp for one number and for its LID (usync, as Baileys' `onWhatsApp` and whatsmeow's `IsOnWhatsApp` do). Each query asks
 * for one number, so its answer needs no matching, however it spells the number.
 */
export async function lookUp(source: LookupSource, number: Phone): Promise<LookupOutcome> {
  const outcome = await ask(source, number)
  if (outcome.outcome !== 'found') return outcome
  const { lid, phone } = outcome.person
  // Sessions are stored under the LID. Baileys notes each pair that it meets, and the journal gets the pair from there.
  if (lid && phone) {
    const pair = { lid: `${lid}@lid`, pn: `${phone.slice(1)}@s.whatsapp.net` }
    await source.signalRepository.lidMapping.storeLIDPNMappings([pair])
  }
  return outcome
}

async function ask({ query, generateMessageTag }: LookupSource, number: Phone): Promise<LookupOutcome> {
  try {
    const answer: unknown = await query(lookupOf(number, generateMessageTag()), PATIENCE_MS)
    return isStanza(answer) ? readLookup(answer, number) : SILENT
  } catch (error) {
    const code = Number((error as { data?: unknown } | null)?.data)
    return { outcome: 'unanswered', code: Number.isSafeInteger(code) && code > 0 ? code : null }
  }
}

function lookupOf(number: Phone, sid: string): BinaryNode {
  const asked = ['contact', 'lid'].map(tag => ({ tag, attrs: {} }))
  const user = { tag: 'user', attrs: {}, content: [{ tag: 'contact', attrs: {}, content: number }] }
  const usync = {
    tag: 'usync',
    attrs: { sid, mode: 'query', last: 'true', index: '0', context: 'interactive' },
    content: [
      { tag: 'query', attrs: {}, content: asked },
      { tag: 'list', attrs: {}, content: [user] },
    ],
  }
  return { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'usync' }, content: [usync] }
}

/** Reads what an answer says about the number. Anything but a plain yes or no counts as unanswered. */
export function readLookup(answer: BinaryNode, number: Phone): LookupOutcome {
  const list = getBinaryNodeChild(getBinaryNodeChild(answer, 'usync'), 'list')
  const user = onlyChild(list, 'user')
  const contact = onlyChild(user, 'contact')
  if (!user || !contact || getBinaryNodeChild(contact, 'error')) return SILENT
  const says = contact.attrs['type']
  if (says === 'out' || says === 'invalid') return { outcome: 'absent' }
  const person = personIn(user)
  if (says !== 'in' || !person) return SILENT
  return { outcome: 'found', person: { ...person, phone: person.phone ?? number } }
}

/**
 * The person that an answer names: by `jid` (a number or a LID), by `pn_jid` beside it, and by `<lid>`. WhatsApp Web's usync parser
 * and whatsapp-rust read all three and require none of them; whatsmeow requires a `jid`.
 */
function personIn(user: BinaryNode): Person | null {
  const { jid, pn_jid: number } = user.attrs
  const beside = personOfJid(getBinaryNodeChild(user, 'lid')?.attrs['val'])
  const named = jid === undefined ? beside && { lid: beside.lid, phone: null } : personOfJid(jid)
  if (!named || (named.lid === null && named.phone === null)) return null
  return { lid: named.lid ?? beside?.lid ?? null, phone: named.phone ?? personOfJid(number)?.phone ?? null }
}

function onlyChild(node: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  const [child, ...others] = getBinaryNodeChildren(node, tag)
  return others.length === 0 ? child : undefined
}

const isStanza = (value: unknown): value is BinaryNode =>
  typeof value === 'object' && value !== null && typeof (value as { tag?: unknown }).tag === 'string'
