import { proto } from '@whiskeysockets/baileys'
import { ownKey } from './message-key.ts'
import type { SaidMessage } from '../world/messages.ts'
import type { PieceForm } from '../contract/file-contract.ts'

/*
 * Albums as WhatsApp's own clients send them: first an announcing message with the number of pictures and videos,
 * then each of them as a message that refers to the announcing message by its key.
 *   - the message and the key: `AlbumMessage` and `MessageAssociation` of WhatsApp's protobuf; Baileys sends them so
 *     (WhiskeySockets/Baileys#2058, `album` and `albumParentKey`)
 *   - WhatsApp Web wraps each piece, sets no `messageIndex`, and gives the announcing message the stanza type of a text:
 *     oxidezap/whatsapp-rust#449 and its `wacore/src/proto_helpers.rs` (`wrap_as_album_child`), `send/classify.rs`
 *   - phones do as well (fazer-ai/chatwoot#345); older ones and bots send pieces without the wrapper
 *   - the ciphertext of the announcing message has the mediatype `collection` (devlikeapro/waha#1405)
 *   - an album has no caption of its own: a piece, usually the first, has one
 */

/** The message that announces an album. */
export function albumMessage({ images, videos }: { images: number; videos: number }): proto.IMessage {
  return { albumMessage: { expectedImageCount: images, expectedVideoCount: videos } }
}

type Piece = Pick<SaidMessage, 'author' | 'chat' | 'addressedBy'> & { album: string; form: PieceForm }

/** Makes a picture or video a piece of an album of the same author in the same chat. */
export function pieceOf(content: proto.IMessage, { album, form, ...said }: Piece): proto.IMessage {
  const { messageContextInfo, ...file } = content
  const messageAssociation = {
    associationType: proto.MessageAssociation.AssociationType.MEDIA_ALBUM,
    parentMessageKey: ownKey({ ...said, id: album }),
  }
  const context = { messageContextInfo: { ...messageContextInfo, messageAssociation } }
  return form === 'bare' ? { ...file, ...context } : { associatedChildMessage: { message: file }, ...context }
}
