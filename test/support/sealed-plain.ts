import { proto } from '@whiskeysockets/baileys'

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

export const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()

/** What phones seal, before it is sealed. */
export const plainEdit = (id: string, editedMessage: proto.IMessage): Uint8Array =>
  bytesOf({ protocolMessage: { type: MESSAGE_EDIT, key: { id }, editedMessage } })
export const plainReaction = (text: string): Uint8Array =>
  proto.Message.ReactionMessage.encode({ text, senderTimestampMs: Date.now() }).finish()
export const plainResponse = (response: proto.Message.IEventResponseMessage): Uint8Array =>
  proto.Message.EventResponseMessage.encode(response).finish()
