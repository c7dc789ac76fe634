import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import type { proto } from '@whiskeysockets/baileys'
import type { Account } from '../world/accounts.ts'
import type { AddressingMode } from '../world/groups.ts'
import type { SaidMessage } from '../world/messages.ts'
import { Refusal } from '../contract/refusal.ts'
import type { SealedKind } from '../contract/sealed-contract.ts'
import { addressOf } from './speaking.ts'

const useCases: Record<SealedKind, string> = {
  message_edit: 'Message Edit',
  poll_edit: 'Poll Edit',
  event_edit: 'Event Edit',
  reaction: 'Enc Reaction',
  comment: 'Enc Comment',
  event_response: 'Event Response',
}
/** Baileys 7.0.0-rc14 knows the first two of them. */
const encTypes = { event_edit: 1, message_edit: 2, poll_edit: 3 } as const
const secretBytes = 32

/**
 * Content to seal about a message. `authorBy` and `modifierBy` say which address of its author, and of the one who changes it, is
 * used in the seal.
 */
export interface SealedDraft {
  kind: SealedKind
  about: SaidMessage
  by: Account
  plain: Uint8Array
  authorBy: AddressingMode
  modifierBy: AddressingMode
  /** Used instead of the message's own secret. */
  secret: Uint8Array | undefined
}

/** Adds a new secret to a message, as phones do for all messages that can be answered. */
export function withSecret(content: proto.IMessage): proto.IMessage {
  const context = { ...content.messageContextInfo, messageSecret: randomBytes(secretBytes) }
  return { ...content, messageContextInfo: context }
}

/** The message that a phone sends for a draft. */
export function composeSealed(draft: SealedDraft): proto.IMessage {
  const { kind, about, by, plain, authorBy, modifierBy } = draft
  const secret = draft.secret ?? about.content.messageContextInfo?.messageSecret
  if (!secret) throw new Refusal(409, 'the message has no secret to seal with')
  const [author, modifier] = [addressOf(about.author, authorBy), addressOf(by, modifierBy)]
  const key = keyOf(about, by, authorBy)
  const info = `${about.id}${author}${modifier}${useCases[kind]}`
  const bound = kind === 'event_response' ? `${about.id}\0${modifier}` : ''
  const sealed = seal(plain, { secret, info, bound })
  switch (kind) {
    case 'reaction':
      return { encReactionMessage: { targetMessageKey: key, ...sealed } }
    case 'comment':
      return { encCommentMessage: { targetMessageKey: key, ...sealed } }
    case 'event_response':
      return { encEventResponseMessage: { eventCreationMessageKey: key, ...sealed } }
    default:
      return { secretEncryptedMessage: { targetMessageKey: key, secretEncType: encTypes[kind] as number, ...sealed } }
  }
}

/** The key of the message from the view of the modifying phone. */
function keyOf(about: SaidMessage, by: Account, mode: AddressingMode): proto.IMessageKey {
  const { author, chat, id } = about
  const fromMe = author === by
  if ('group' in chat) return { remoteJid: chat.group.id, fromMe, id, participant: addressOf(author, mode) }
  return { remoteJid: addressOf(fromMe ? chat.peer : author, mode), fromMe, id }
}

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest()

function seal(
  plain: Uint8Array,
  { secret, info, bound }: { secret: Uint8Array; info: string; bound: string },
): { encPayload: Buffer; encIv: Buffer } {
  const pseudorandom = hmac(Buffer.alloc(secretBytes), secret)
  const key = hmac(pseudorandom, Buffer.concat([Buffer.from(info), Buffer.from([1])]))
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  if (bound !== '') cipher.setAAD(Buffer.from(bound))
  return { encIv, encPayload: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) }
}
