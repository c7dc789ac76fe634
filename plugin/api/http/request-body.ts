import type { IncomingMessage } from 'node:http'

import { ChannelError } from '../../contract/errors/errors.ts'

/** The maximum size of a request's body, or of one WebSocket message. */
export const MOST_BODY_BYTES = 1_048_576

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  // Keeps the request open, so that the refusal can be sent over the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MOST_BODY_BYTES) throw new ChannelError('body_too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ChannelError('bad_json')
  }
}

/**
 * The JSON body of a request; undefined if the body is empty, for any content type.
 * @throws ChannelError `body_too_large`, `unsupported_media_type`, `bad_json`
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!hasBody(request)) return undefined
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw new ChannelError('body_too_large')
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw new ChannelError('unsupported_media_type')
  const bytes = await readBytes(request).catch((thrown: unknown) => {
    // The caller hung up: nobody reads the answer, and nothing failed on our side.
    throw request.destroyed ? new ChannelError('bad_request') : thrown
  })
  return bytes.byteLength === 0 ? undefined : parseJson(bytes)
}
