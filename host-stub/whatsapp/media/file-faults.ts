import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { pipeline } from 'node:stream/promises'

/** The possible faults of a file on the media host. */
export const fileFaults = [
  'gone',
  'missing',
  'error',
  'truncated',
  'flipped',
  'endless',
  'slow',
  'redirect',
  'compressed',
] as const
export type FileFault = (typeof fileFaults)[number]

const statuses: Partial<Record<FileFault, number>> = { gone: 410, missing: 404, error: 503 }
const dripPauseMs = 200
/** No test waits for its end, but it does end. */
const endlessBytes = 600_000_000

/** Answers the request for a file like a broken or malicious media host. */
export async function spoilt(fault: FileFault, file: string | undefined, response: ServerResponse): Promise<void> {
  const status = statuses[fault]
  if (status !== undefined) return void response.writeHead(status).end()
  if (fault === 'redirect') {
    return void response.writeHead(302, { location: 'http://127.0.0.1:1/latest/meta-data' }).end()
  }
  if (file === undefined) return void response.writeHead(404).end()
  const { size } = await stat(file)
  if (fault === 'truncated') {
    response.writeHead(200, { 'content-length': size })
    await pipeline(createReadStream(file, { end: Math.floor(size / 2) }), response, { end: false })
    return void response.destroy()
  }
  response.writeHead(200, fault === 'compressed' ? { 'content-encoding': 'gzip' } : {})
  if (fault === 'endless') return endless(response)
  const bytes = await readFile(file)
  if (fault === 'slow') return drip(bytes, response)
  bytes.writeUInt8(bytes.readUInt8(Math.floor(size / 2)) ^ 0xff, Math.floor(size / 2))
  response.end(bytes)
}

async function endless(response: ServerResponse): Promise<void> {
  const chunk = Buffer.alloc(1_000_000, 7)
  for (let sent = 0; sent < endlessBytes && !response.destroyed; sent += chunk.length) {
    if (!response.write(chunk))
      await new Promise<void>(resolve => response.once('drain', resolve).once('close', resolve))
  }
  response.end()
}

/** Sends one byte at a time. */
async function drip(bytes: Buffer, response: ServerResponse): Promise<void> {
  for (const byte of bytes) {
    if (response.destroyed) return
    response.write(Buffer.from([byte]))
    await pause(dripPauseMs)
  }
  response.end()
}
