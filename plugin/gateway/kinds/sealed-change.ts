import { proto } from '@whiskeysockets/baileys'

import type { EventAnswer, MessageContent, SealedWords } from '../../contract/content.ts'
import { wholeNumber } from './proto-numbers.ts'
import type { Sealed } from './seal.ts'
import { unwrapped } from './unwrap.ts'

/** The content of a sealed change: a message that says the same openly, or content for which WhatsApp has no open form. */
export type Opened = { readonly message: proto.IMessage } | { readonly content: MessageContent }

/** Content about another message, sealed with the secret of that message. */
export type SealedChange = {
  readonly what: SealedWords
  /** The key of the other message, as the sender names it; null if there is none. */
  readonly key: proto.IMessageKey | null
  /** Null when a part of it is missing. */
  readonly sealed: Sealed | null
  /** Reads the plaintext. @throws for content that no phone seals. */
  readonly read: (plain: Uint8Array) => Opened
}

type Parts = { readonly encPayload?: Uint8Array | null; readonly encIv?: Uint8Array | null }
type Named = Parts & { readonly key: proto.IMessageKey | null | undefined; readonly uses: readonly string[] }

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
const { GOING, NOT_GOING, MAYBE } = proto.Message.EventResponseMessage.EventResponseType
const ANSWERS = new Map<unknown, EventAnswer>([
  [GOING, 'going'],
  [NOT_GOING, 'not_going'],
  [MAYBE, 'maybe'],
])

/**
 * The uses of each kind of edit, by its number; Baileys 7.0.0-rc14 has names for the first two (whatsmeow, waE2E, `SecretEncType`).
 */
const EDIT_USES = new Map<number, readonly string[]>([
  [1, ['Event Edit']],
  [2, ['Message Edit']],
  [3, ['Poll Edit']],
  [4, ['Poll Add Option', 'Poll Edit']],
])
const ANY_EDIT = [...new Set([...EDIT_USES.values()].flat())]

/** The sealed change that a message is; null if it is none. */
export function sealedIn(message: proto.IMessage): SealedChange | null {
  const { secretEncryptedMessage: edit, encReactionMessage: reaction, encCommentMessage: comment } = message
  const { encEventResponseMessage: answer } = message
  if (edit) {
    const uses = EDIT_USES.get(edit.secretEncType ?? 0) ?? ANY_EDIT
    return change('edit', { ...edit, key: edit.targetMessageKey, uses }, editIn)
  }
  if (reaction)
    return change('reaction', { ...reaction, key: reaction.targetMessageKey, uses: ['Enc Reaction'] }, reactionIn)
  if (comment) return change('comment', { ...comment, key: comment.targetMessageKey, uses: ['Enc Comment'] }, commentIn)
  if (!answer) return null
  return change(
    'event_response',
    { ...answer, key: answer.eventCreationMessageKey, uses: ['Event Response'] },
    answerIn,
  )
}

type Read = (plain: Uint8Array, key: proto.IMessageKey) => Opened

function change(
  what: SealedWords,
  { key = null, uses, encPayload: payload, encIv: iv }: Named,
  read: Read,
): SealedChange {
  const target = key?.id
  const sealed = target && payload && iv ? { uses, target, payload, iv } : null
  return { what, key, sealed, read: plain => read(plain, key ?? {}) }
}

/** The edited message, or the change that would have come openly: phones seal either. */
function editIn(plain: Uint8Array, key: proto.IMessageKey): Opened {
  const message = proto.Message.decode(plain)
  const inner = unwrapped(message)?.message.protocolMessage
  const editedMessage = (inner ? inner.editedMessage : message) ?? null
  return { message: { protocolMessage: { type: MESSAGE_EDIT, key, editedMessage } } }
}

function reactionIn(plain: Uint8Array, key: proto.IMessageKey): Opened {
  const { text } = proto.Message.ReactionMessage.decode(plain)
  return { message: { reactionMessage: { text: text ?? '', key } } }
}

const commentIn = (plain: Uint8Array, targetMessageKey: proto.IMessageKey): Opened => ({
  message: { commentMessage: { message: proto.Message.decode(plain), targetMessageKey } },
})

function answerIn(plain: Uint8Array, { id }: proto.IMessageKey): Opened {
  const { response, extraGuestCount } = proto.Message.EventResponseMessage.decode(plain)
  const said = ANSWERS.get(response) ?? 'unknown'
  return {
    content: { kind: 'event_response', target: id ?? '', response: said, guests: wholeNumber(extraGuestCount) ?? 0 },
  }
}
