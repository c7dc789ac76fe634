import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { MediaKind } from '../../contract/content.ts'
import { type FetchFailure, type FetchOutcome, MEDIA_MOST_BYTES } from '../../contract/media.ts'
import { sniffedType } from '../../files/sniffed-type.ts'
import { typeAs } from '../kinds/lottie.ts'
import { wholeNumber } from '../kinds/proto-numbers.ts'
import { download, type Downloaded } from './download.ts'
import { fileKeysOf } from './file-keys.ts'
import type { Files, SentFile } from '../tables/file-refs.ts'
import { placesOf } from './media-hosts.ts'
import { createOpening } from './decrypt.ts'
import { everyMebibyte, withinMs } from './timeouts.ts'

/** What fetching the files of one account needs. */
export type FetchingPorts = {
  readonly files: Files
  /** Where files are stored until they are released. Only we use this folder. */
  readonly folder: string
  readonly onLoopback: boolean
  /** The hosts that WhatsApp names for files. @throws when there is no connection. */
  readonly hosts: () => Promise<readonly string[]>
  /**
   * Asks the phone to upload a file again that is gone. Resolves to the message with the file's new place, or null when the phone
   * does not have it.
   */
  readonly putAgain: (sent: SentFile) => Promise<SentFile['message'] | null>
  readonly moved: (moved: Moved) => void
}

/** Progress of a file's download or upload; `totalBytes` is null when the sender did not state it. */
export type Moved = { readonly file: string; readonly doneBytes: number; readonly totalBytes: number | null }

/** One file, and the kind as which it was announced. */
export type Wanted = { readonly file: string; readonly kind: MediaKind }

const FOR_GOOD = new Set<FetchFailure>(['too_large', 'forbidden_host', 'redirected', 'incomplete', 'gone'])

/** Fetches one file from the place that its message names, or from where the phone uploads it again. */
export async function fetchFile(wanted: Wanted, ports: FetchingPorts): Promise<FetchOutcome> {
  const sent = ports.files.find(wanted.file)
  if (!sent) return failed('gone')
  const first = await fetchFrom(wanted, sent.message, ports)
  if (first !== 'gone') return outcomeOf(first, wanted, ports)
  const message = await ports.putAgain(sent)
  if (!message) return failed('gone')
  ports.files.moved(wanted.file, message)
  return outcomeOf(await fetchFrom(wanted, message, ports), wanted, ports)
}

/** The path of a fetched file. */
export const placeOf = (folder: string, file: string): string => join(folder, file)

/** Removes a fetched file. */
export const releaseFile = (folder: string, file: string): Promise<void> => rm(placeOf(folder, file), { force: true })

const failed = (code: FetchFailure): FetchOutcome => ({ outcome: 'failed', code, again: !FOR_GOOD.has(code) })

async function outcomeOf(found: Downloaded, { file, kind }: Wanted, { folder }: FetchingPorts): Promise<FetchOutcome> {
  if (typeof found === 'string') return failed(found)
  const path = placeOf(folder, file)
  return { outcome: 'fetched', path, ...found, mime: typeAs(kind, await sniffedType(path)) }
}

async function fetchFrom(wanted: Wanted, message: SentFile['message'], ports: FetchingPorts): Promise<Downloaded> {
  const { mediaKey, fileSha256, fileEncSha256, url, directPath, fileLength } = message.documentMessage ?? {}
  if (mediaKey?.length !== 32 || fileSha256?.length !== 32 || fileEncSha256?.length !== 32) return 'incomplete'
  const declared = wholeNumber(fileLength) || null
  const most = MEDIA_MOST_BYTES[wanted.kind]
  if (declared !== null && declared > most) return 'too_large'
  const mostBytes = declared ?? most
  const places = placesOf(
    { hosts: await ports.hosts(), url: url ?? null, directPath: directPath ?? null },
    ports.onLoopback,
  )
  const keys = await fileKeysOf(mediaKey, wanted.kind)
  let found: Downloaded = 'forbidden_host'
  for (const place of places) {
    found = await download({
      place,
      mostBytes,
      into: placeOf(ports.folder, wanted.file),
      opening: createOpening(keys, { fileSha256, fileEncSha256 }),
      withinMs: withinMs(mostBytes),
      progress: everyMebibyte(doneBytes => ports.moved({ file: wanted.file, doneBytes, totalBytes: declared })),
    })
    if (typeof found !== 'string' || FOR_GOOD.has(found)) return found
  }
  return found
}
