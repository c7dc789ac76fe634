import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { pipeline } from 'node:stream/promises'

import type { MediaKind } from '../../contract/content.ts'
import { readPieces } from '../../files/read-file.ts'
import type { MediaConnection } from './media-connection.ts'
import { isMediaHost } from './media-hosts.ts'
import { IDLE_MS, withinMs } from './timeouts.ts'

/** An encrypted file to upload to one of WhatsApp's hosts. */
export type Upload = {
  readonly path: string
  readonly kind: MediaKind
  readonly sizeBytes: number
  readonly fileEncSha256: Uint8Array
  readonly onLoopback: boolean
  readonly progress: (doneBytes: number) => void
}

/** The place of an uploaded file. */
export type Uploaded = { readonly url: string | null; readonly directPath: string }

/** The upload path for each kind of file (whatsapp-protocol.md §1.2). */
const PATHS: Readonly<Record<MediaKind, string>> = {
  image: '/mms/image',
  sticker: '/mms/image',
  video: '/mms/video',
  gif: '/mms/video',
  video_note: '/mms/video',
  audio: '/mms/audio',
  voice: '/mms/audio',
  document: '/mms/document',
}
const ANSWER_BYTES_MOST = 65_536

/** Uploads a file to the first host that accepts it; null when none does now. */
export async function upload(file: Upload, { hosts, auth }: MediaConnection): Promise<Uploaded | null> {
  const name = Buffer.from(file.fileEncSha256).toString('base64url')
  const query = new URLSearchParams({ auth, token: name })
  for (const host of hosts) {
    const address = `https://${host}${PATHS[file.kind]}/${name}?${query.toString()}`
    const place = URL.canParse(address) ? new URL(address) : null
    if (!place || !isMediaHost(place, file.onLoopback)) continue
    const uploaded = await put(file, place).catch(() => null)
    if (uploaded) return uploaded
  }
  return null
}

async function put({ path, sizeBytes, progress }: Upload, place: URL): Promise<Uploaded | null> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': sizeBytes,
    // As Baileys sends it.
    origin: 'https://web.whatsapp.com',
  }
  const signal = AbortSignal.timeout(withinMs(sizeBytes))
  const putting = request(place, { method: 'POST', agent: false, timeout: IDLE_MS, headers, signal })
  putting.on('timeout', () => putting.destroy(new Error('nothing moves')))
  const answered = once(putting, 'response') as Promise<[IncomingMessage]>
  const sent = pipeline(readPieces(path), counting(progress), putting)
  // A refusal may come before the whole file is sent; then only the refusal counts.
  sent.catch(() => undefined)
  const [response] = await answered
  const answer = response.statusCode === 200 ? await bodyOf(response) : null
  putting.destroy()
  return answer
}

function counting(progress: (doneBytes: number) => void) {
  return async function* pass(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let doneBytes = 0
    for await (const chunk of chunks) {
      yield chunk
      doneBytes += chunk.length
      progress(doneBytes)
    }
  }
}

async function bodyOf(response: IncomingMessage): Promise<Uploaded | null> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > ANSWER_BYTES_MOST) return null
    chunks.push(chunk)
  }
  const { url, direct_path: path } = Object(JSON.parse(Buffer.concat(chunks).toString())) as Record<string, unknown>
  if (typeof path !== 'string' || !path.startsWith('/')) return null
  return { url: typeof url === 'string' ? url : null, directPath: path }
}
