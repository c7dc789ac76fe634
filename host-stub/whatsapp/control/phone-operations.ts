import { proto } from '@whiskeysockets/baileys'
import type { Account } from '../world/accounts.ts'
import { call } from '../phone/calling.ts'
import { withTimer } from '../phone/chat-timers.ts'
import { enterCode as enterCodeOn } from '../linking/code-pairing.ts'
import { composeReaction, withRemarks, type Remarks } from '../phone/composing.ts'
import type { GroupCard, ParsedOf, PhoneCard } from '../contract/control-contract.ts'
import { announceDevice } from '../protocol/device-notices.ts'
import { removeCompanion } from '../protocol/endings.ts'
import type { AddressingMode, Group } from '../world/groups.ts'
import { comeOnline, readGroupText } from '../phone/hearing.ts'
import { host, hostedNumber } from '../protocol/hosted-device.ts'
import type { Chat, SaidMessage } from '../world/messages.ts'
import type { PairingOutcome } from '../world/registration.ts'
import { scanCode } from '../linking/pairing.ts'
import { confirmRead } from '../phone/phone-receipts.ts'
import { readQrPicture } from '../linking/qr-picture.ts'
import { reinstall } from '../linking/reinstall.ts'
import { changeMembership } from '../phone/membership.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { Refusal } from '../contract/refusal.ts'
import { composeSealed, withSecret } from '../phone/sealed-words.ts'
import { say } from '../phone/speaking.ts'
import type { World } from '../world/world.ts'

export function phoneCard({ name, phoneNumber, lid, pushName, online, companions }: Account): PhoneCard {
  return { name, phone: `+${phoneNumber}`, lid, push_name: pushName, online, devices: [...companions.keys()] }
}

export function groupCard({ id, subject, addressingMode, members }: Group): GroupCard {
  return { id, subject, addressing_mode: addressingMode, members: members.map(({ name }) => name) }
}

export function meetPhone(world: World, { name, phone, lid, push_name }: ParsedOf<'phones/meet'>): PhoneCard {
  return phoneCard(world.accounts.meet({ name, phone, lid, pushName: push_name }))
}

export function scan(world: World, { name, qr }: ParsedOf<'phones/scan'>): Promise<PairingOutcome> {
  const code = qr.startsWith('data:') ? readQrPicture(qr) : qr.trim()
  return scanCode(world, phoneNamed(world, name), code ?? '')
}

export function enterCode(world: World, { name, code }: ParsedOf<'phones/enter_code'>): Promise<PairingOutcome> {
  return enterCodeOn(world, phoneNamed(world, name), code)
}

export async function speak(world: World, request: ParsedOf<'phones/say'>): Promise<{ id: string }> {
  const author = phoneNamed(world, request.name)
  const chat = findChat(world, request.to)
  const addressedBy = request.addressed_by ?? usualMode(chat)
  const said = request.content
    ? proto.Message.decode(Buffer.from(request.content, 'base64'))
    : { conversation: request.text ?? '' }
  const remarked = withRemarks(said, remarksOf(world, request, addressedBy))
  const timed = withTimer(remarked, author, chat)
  const content = request.with_secret ? withSecret(timed) : timed
  const { id, garbled, unavailable, reveal_alternate: revealAlternate, broadcast_list: list } = request
  return {
    id: await say(world, { id, author, chat, content, addressedBy, revealAlternate, garbled, unavailable, list }),
  }
}

type RemarksWanted = Pick<
  ParsedOf<'phones/say'>,
  'to' | 'mentions' | 'quotes' | 'quote_body' | 'forwarded' | 'mentions_all'
>

/** What a request wants a message to say about other people and messages. */
export function remarksOf(world: World, request: RemarksWanted, addressedBy: AddressingMode): Remarks {
  const { mentions, quotes, quote_body: quoteBody, forwarded, mentions_all: all } = request
  const chat = findChat(world, request.to)
  return {
    mentions: mentions.map(name => phoneNamed(world, name)),
    quotes: quotes === undefined ? undefined : findMessage(world, quotes),
    quoteBody,
    forwarded,
    mentionsAll: all === 'group' && 'group' in chat ? { group: chat.group.id } : all && 'mark',
    addressedBy,
  }
}

/** Sends content about a message that only those can read who have that message. */
export async function sealWords(world: World, request: ParsedOf<'phones/seal'>): Promise<{ id: string }> {
  const by = phoneNamed(world, request.name)
  const about = findMessage(world, request.about)
  const chat = 'peer' in about.chat && about.author !== by ? { peer: about.author } : about.chat
  const addressedBy = request.addressed_by ?? usualMode(chat)
  const content = composeSealed({
    kind: request.kind,
    about,
    by,
    plain: Buffer.from(request.plain, 'base64'),
    authorBy: request.author_by ?? addressedBy,
    modifierBy: request.modifier_by ?? addressedBy,
    secret: request.secret === undefined ? undefined : Buffer.from(request.secret, 'base64'),
  })
  return { id: await say(world, { author: by, chat, content, addressedBy, revealAlternate: true, garbled: 0 }) }
}

export async function react(world: World, request: ParsedOf<'phones/react'>): Promise<{ id: string }> {
  const author = phoneNamed(world, request.name)
  const target = findMessage(world, request.to_message)
  const chat = 'peer' in target.chat && target.author !== author ? { peer: target.author } : target.chat
  const addressedBy = request.addressed_by ?? usualMode(chat)
  const content = composeReaction(author, target, { emoji: request.emoji, addressedBy })
  return { id: await say(world, { author, chat, content, addressedBy, revealAlternate: true, garbled: 0 }) }
}

export function callPhone(world: World, { name, to, video }: ParsedOf<'phones/call'>): { id: string } {
  return { id: call(phoneNamed(world, name), phoneNamed(world, to), video) }
}

/** Registers a passkey of the account at WhatsApp. */
export function ownPasskey(world: World, request: ParsedOf<'phones/own_passkey'>): Record<string, never> {
  const { name, credential_id: credentialId, public_key: publicKey } = request
  phoneNamed(world, name).passkey = { credentialId, publicKey: Buffer.from(publicKey, 'base64url') }
  return {}
}

/** The phone's owner opens the chat: the sender of the message gets a read receipt. */
export function read(world: World, { name, message }: ParsedOf<'phones/read'>): Record<string, never> {
  const reader = phoneNamed(world, name)
  const { id, author, chat, addressedBy } = findMessage(world, message)
  for (const from of author.companions.values()) confirmRead({ from, to: reader, id, chat, addressedBy })
  return {}
}

/** What the phone shows, as soon as it is newer than the version. */
export async function screen(world: World, { name, version, wait_ms }: ParsedOf<'phones/screen'>) {
  const { ledger } = world
  const { name: known } = phoneNamed(world, name)
  await ledger.changedSince(version, wait_ms)
  return { version: ledger.page.version, lines: ledger.screen(known) }
}

export async function setOnline(world: World, { name, online }: ParsedOf<'phones/online'>) {
  const account = phoneNamed(world, name)
  if (online) await comeOnline(account)
  else account.online = false
  return {}
}

export function removeDevice(world: World, { name, device }: ParsedOf<'phones/remove_device'>): { removed: number } {
  const account = phoneNamed(world, name)
  const linked = [...account.companions.values()]
  const removed = linked.filter(({ number }) => device === undefined || number === device)
  for (const companion of removed) {
    removeCompanion(companion)
    announceDevice(world, account, { change: 'remove', device: companion.number })
  }
  return { removed: removed.length }
}

export function forgetSessions(world: World, { name }: ParsedOf<'phones/forget_sessions'>): Record<string, never> {
  const account = phoneNamed(world, name)
  account.signal.forgetSessions()
  account.groups.forgetKeys()
  return {}
}

export function reinstallApp(world: World, { name }: ParsedOf<'phones/reinstall'>): Record<string, never> {
  reinstall(world, phoneNamed(world, name))
  return {}
}

export function hostDevice(world: World, { name }: ParsedOf<'phones/host'>): Record<string, never> {
  const account = phoneNamed(world, name)
  host(account)
  announceDevice(world, account, { change: 'add', device: hostedNumber })
  return {}
}

/** Tries to read a group message with the keys on somebody's phone, as if that phone had intercepted it. */
export async function pry(world: World, { name, message }: ParsedOf<'phones/pry'>): Promise<{ text: string | null }> {
  const overheard = world.overheard.find(message)
  if (!overheard) throw new Refusal(404, 'nothing was said in a group with this id')
  return { text: await readGroupText(phoneNamed(world, name), overheard).catch(() => null) }
}

/** What an eavesdropper at the server has of a group message. */
export function overhear(world: World, { id }: ParsedOf<'ledger/overheard'>) {
  const overheard = world.overheard.find(id)
  if (!overheard) throw new Refusal(404, 'nothing was said in a group with this id')
  const { account, number } = overheard.from
  return { ciphertext: overheard.ciphertext.toString('base64'), lid: account.lid, device: number }
}

export function createGroup(world: World, request: ParsedOf<'groups/create'>): GroupCard {
  const members = request.members.map(name => phoneNamed(world, name))
  const { subject, addressing_mode: addressingMode, reveals_alternates: revealsAlternates } = request
  return groupCard(world.groups.create({ subject, members, addressingMode, revealsAlternates }))
}

export function changeGroup(world: World, request: ParsedOf<'groups/change'>): GroupCard {
  const { group: name, by, subject, addressing_mode: mode } = request
  const group = world.groups.called(name)
  if (!group) throw new Refusal(404, `no group is called ${name}`)
  const named = (names: readonly string[]): Account[] => names.map(each => phoneNamed(world, each))
  const [add, remove] = [named(request.add), named(request.remove)]
  const [promote, demote] = [named(request.promote), named(request.demote)]
  const doer = by === undefined ? group.members[0] : phoneNamed(world, by)
  if (!doer) throw new Refusal(409, `nobody is in ${name}`)
  changeMembership(world, group, { by: doer, add, remove, promote, demote, subject })
  // WhatsApp notifies nobody of this change; clients that write in the old mode are told then.
  if (mode) group.addressingMode = mode
  return groupCard(group)
}

export function findChat(world: World, to: ParsedOf<'phones/say'>['to']): Chat {
  if ('phone' in to) return { peer: phoneNamed(world, to.phone) }
  const group = world.groups.called(to.group)
  if (!group) throw new Refusal(404, `no group is called ${to.group}`)
  return { group }
}

export function findMessage(world: World, id: string): SaidMessage {
  const message = world.messages.find(id)
  if (!message) throw new Refusal(404, 'no phone knows a message with this id')
  return message
}

export function usualMode(chat: Chat): AddressingMode {
  return 'group' in chat ? chat.group.addressingMode : 'lid'
}
