import type { RequestOf } from '../whatsapp/contract/control-contract.ts'
import { call } from './control.ts'
import type { OutgoingFile } from './outgoing-file.ts'

type Way = Pick<RequestOf<'phones/send_file'>, 'name' | 'to'>
type Words = { readonly caption: string | null; readonly isForwarded: boolean }

const isPiece = ({ kind }: OutgoingFile): boolean => kind === 'image' || kind === 'video'

/** Announces the pictures and videos among the files as an album. Returns its id; null if there are fewer than two. */
async function announced(files: readonly OutgoingFile[], way: Way, forwarded: object): Promise<string | null> {
  const pieces = files.filter(isPiece)
  if (pieces.length < 2) return null
  const images = pieces.filter(({ kind }) => kind === 'image').length
  const counts = { images, videos: pieces.length - images }
  return (await call('phones/announce_album', { ...way, ...counts, ...forwarded })).id
}

/** Sends files one after the other, several pictures and videos as an album. The caption is sent with the first file. */
export async function sendFiles(
  files: readonly OutgoingFile[],
  way: Way,
  { caption, isForwarded }: Words,
): Promise<void> {
  const forwarded = isForwarded ? { forwarded: 1 } : {}
  const album = await announced(files, way, forwarded)
  for (const [index, file] of files.entries()) {
    const words = index === 0 && caption !== null ? { caption } : {}
    const belonging = album !== null && isPiece(file) ? { album } : {}
    await call('phones/send_file', { ...way, ...file, ...words, ...belonging, ...forwarded })
  }
}
