import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'

import type { MediaWording } from '../../plugin/contract/api/media.ts'
import type { HostCall } from './command.ts'
import { createProgressBar } from '../terminal/progress-bar.ts'
import { upload } from './upload.ts'

type Kind = MediaWording['kind']

/** The largest file that fits into one request body as base64 (four characters for three bytes). */
export const INLINE_MOST_BYTES = 720_000

/** How phones show a file of a MIME type unless --as overrides it. */
export function kindFor(mime: string | undefined): Kind {
  if (mime === undefined) return 'document'
  if (/^image\/(?:jpeg|png|webp)$/.test(mime)) return 'image'
  if (/^video\/(?:mp4|x-m4v|3gpp|quicktime)$/.test(mime)) return 'video'
  return mime.startsWith('audio/') ? 'audio' : 'document'
}

/** A file to send. `isLarge`: the file was not sent inline in the send request. */
export type Attachment = { readonly media: MediaWording; readonly isLarge: boolean }

/**
 * The file that the call's options name, in the form that send accepts; uploads a local file that is too large to inline. Null if
 * the options name no file.
 */
export async function attachmentOf(call: HostCall, caption: string | undefined): Promise<Attachment | null> {
  const { file, artifact, url, as } = call.options
  const captioned = caption !== undefined && { caption }
  if (artifact !== undefined) {
    return { media: { kind: as ?? 'document', artifact_id: artifact, ...captioned }, isLarge: true }
  }
  if (url !== undefined) return { media: { kind: as ?? 'document', url, ...captioned }, isLarge: true }
  if (file === undefined) return null
  const { size } = await stat(file)
  const isLarge = size > INLINE_MOST_BYTES
  const kind = as ?? kindFor(await typeOf(file))
  const where = isLarge
    ? { artifact_id: (await uploadShown(call, file)).artifact_id }
    : { data: (await readFile(file)).toString('base64') }
  return { media: { kind, ...where, file_name: basename(file).slice(-120), ...captioned }, isLarge }
}

async function typeOf(file: string): Promise<string | undefined> {
  // Imported here because it takes longer to load than most commands take to run.
  const { fileTypeFromFile } = await import('file-type')
  const type = await fileTypeFromFile(file).catch(() => undefined)
  return type?.mime
}

function uploadShown({ host, terminal }: HostCall, file: string) {
  return upload(host, file, createProgressBar(terminal.err, 'to the host     '))
}
