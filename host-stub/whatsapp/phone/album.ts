import { proto } from '@whiskeysockets/baileys'
import { ownKey } from './message-key.ts'
import type { SaidMessage } from '../world/messages.ts'
import type { PieceForm } from '../contract/file-contract.ts'

/*
 * Albums as WhatsApp's own clients send them: first a message that says how many pictures and videos belong to it,
 * then each of them, and each names the first by its key.
 *   - the message and the key: `AlbumMessage` and `MessageAssociation` of WhatsApp's protobuf; Baileys sends them so
 *     (WhiskeySockets/Baileys#2058, `album` and `albumParentKey`)
 *   - WhatsApp Web wraps each piece, sets no `messageIndex`, and gives what announces them the stanza type of a text:
 *     oxidezap/whatsapp-rust#449 and its `wacore/src/proto_helpers.rs` (`wrap_as_album_child`), `send/classify.rs`
 *   - phones do as well (fazer-ai/chatwoot#345); older ones and bots send pieces without the wrapper
 *   - the ciphertext of what announces them has the mediatype `collection` (devlikeapro/waha#1405)
 *   - it has no caption of its own: words stand with a piece, mostly the first
 */

/** What announces an album. */
export function albumMessage({ images, videos }: { images: number; videos: number }): proto.IMessage {
  return { albumMessage: { expectedImageCount: images, expectedVideoCount: videos } }
}

type Piece = Pick<SaidMessage, 'author' | 'chat' | 'addressedBy'> & { album: string; form: PieceForm }

/** A picture or video as a piece of an album of the same author in the same chat. */
export function pieceOf(content: proto.IMessage, { album, form, ...said }: Piece): proto.IMessage {
  const { messageContextInfo, ...file } = content
  const messageAssociation = {
    associationType: proto.MessageAssociation.AssociationType.MEDIA_ALBUM,
    parentMessageKey: ownKey({ ...said, id: album }),
  }
  const context = { messageContextInfo: { ...messageContextInfo, messageAssociation } }
  return form === 'bare' ? { ...file, ...context } : { associatedChildMessage: { message: file }, ...context }
}
