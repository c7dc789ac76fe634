import { makeMessageId } from '../wire/message-id.ts'
import type { PieceForm } from '../contract/file-contract.ts'
import type { FileOnItsWay, FileSent, PhoneCharacter, Remarks, Saying } from './phone-character.ts'

export interface AlbumSending extends Pick<Saying, 'to' | 'addressedBy'>, Remarks {
  /** How many files the album announces; by default the number of sent files. */
  announced?: { images?: number; videos?: number }
  /** Whether the album is announced before its pieces, as phones do it, or after them. */
  announcement?: 'first' | 'last'
  /** How the pieces are written, unless a piece has its own form. */
  pieceForm?: PieceForm
  /** Awaited between every two messages. */
  between?: () => Promise<void>
}

export interface AlbumOnItsWay {
  /** The id of the announcing message. */
  id: string
  pieces: FileOnItsWay[]
}

/** Sends an album: the announcing message and, one after the other, its pieces, each with its own caption. */
export async function sendAlbum(
  phone: PhoneCharacter,
  pieces: readonly FileSent[],
  { announced, announcement = 'first', pieceForm, between, ...saying }: AlbumSending,
): Promise<AlbumOnItsWay> {
  const id = makeMessageId()
  const sent: FileOnItsWay[] = []
  const counts = announced ?? countsOf(pieces)
  const announce = async (): Promise<void> => {
    await phone.announcesAlbum({ ...counts, id }, saying)
  }
  const sendings = pieces.map(piece => async () => {
    sent.push(await phone.sendsFile({ ...(pieceForm && { pieceForm }), ...piece, album: id }, saying))
  })
  const steps = announcement === 'first' ? [announce, ...sendings] : [...sendings, announce]
  for (const [index, step] of steps.entries()) {
    if (index > 0) await between?.()
    await step()
  }
  return { id, pieces: sent }
}

function countsOf(pieces: readonly FileSent[]): { images: number; videos: number } {
  const images = pieces.filter(({ kind }) => kind === 'image').length
  return { images, videos: pieces.length - images }
}
