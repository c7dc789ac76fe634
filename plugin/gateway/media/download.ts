import { once } from 'node:events'
import { open, rm, type FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'

import type { FetchFailure } from '../../contract/media.ts'
import type { Opening } from './decrypt.ts'
import { IDLE_MS } from './timeouts.ts'

/** One file to be downloaded. */
export type Download = {
  readonly place: URL
  readonly into: string
  readonly opening: Opening
  /** The most that may be downloaded, in bytes of the file itself. */
  readonly mostBytes: number
  readonly withinMs: number
  readonly progress: (doneBytes: number) => void
}

/** The file on the disk, or why there is none. */
export type Downloaded = { readonly sha256: string; readonly sizeBytes: number } | FetchFailure

/** Padding and authentication code. */
const SEAL_BYTES = 32
const GONE = new Set([403, 404, 410])

/** Downloads and decrypts one file from one place, up to the allowed size. An incomplete file is removed again. */
export async function download(wanted: Download): Promise<Downloaded> {
  const signal = AbortSignal.timeout(wanted.withinMs)
  try {
    const response = await answerOf(wanted.place, signal)
    const refusal = refusalOf(response, wanted.mostBytes)
    if (!refusal) return await keep(response, wanted)
    response.destroy()
    return refusal
  } catch (error) {
    if (signal.aborted || isIdle(error)) return 'too_slow'
    return isOfFile(error) ? 'storage' : 'unreachable'
  }
}

async function answerOf(place: URL, signal: AbortSignal): Promise<IncomingMessage> {
  // No agent, no redirects, no decompression: bytes are counted as they come.
  const request = get(place, { agent: false, signal, timeout: IDLE_MS, headers: { 'accept-encoding': 'identity' } })
  request.on('timeout', () => request.destroy(new IdleLine()))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

class IdleLine extends Error {}
const isIdle = (error: unknown): boolean => error instanceof IdleLine

const FILE_CALLS = new Set(['open', 'write', 'writev', 'close'])
const isOfFile = (error: unknown): boolean => FILE_CALLS.has((error as NodeJS.ErrnoException).syscall ?? '')

function refusalOf({ statusCode = 0, headers }: IncomingMessage, mostBytes: number): FetchFailure | null {
  if (statusCode >= 300 && statusCode < 400) return 'redirected'
  if (GONE.has(statusCode)) return 'gone'
  if (statusCode !== 200) return 'unreachable'
  return Number(headers['content-length'] ?? 0) > mostBytes + SEAL_BYTES ? 'too_large' : null
}

async function keep(response: IncomingMessage, { into, opening, mostBytes, progress }: Download): Promise<Downloaded> {
  const file = await open(into, 'w', 0o600)
  let kept = false
  try {
    const outcome = await write(response, file, { opening, mostBytes, progress })
    kept = typeof outcome !== 'string'
    return outcome
  } finally {
    await file.close()
    if (!kept) await rm(into, { force: true })
  }
}

async function write(
  response: IncomingMessage,
  file: FileHandle,
  { opening, mostBytes, progress }: Pick<Download, 'opening' | 'mostBytes' | 'progress'>,
): Promise<Downloaded> {
  let sizeBytes = 0
  const add = async (bytes: Uint8Array): Promise<void> => {
    sizeBytes += bytes.length
    if (bytes.length > 0) await file.writeFile(bytes)
  }
  for await (const chunk of response as AsyncIterable<Buffer>) {
    await add(opening.take(chunk))
    if (sizeBytes > mostBytes) return 'too_large'
    progress(sizeBytes)
  }
  const end = opening.end()
  if (!end) return 'wrong_hash'
  await add(end.rest)
  return sizeBytes > mostBytes ? 'too_large' : { sha256: end.sha256, sizeBytes }
}
