import type { IncomingMessage } from 'node:http'

const JSON_TYPE = /^application\/json\s*(;|$)/i

/**
 * The JSON of a request; undefined when it is none, does not say so, or is larger than `most` bytes. What is too large is
 * not read to its end.
 */
export async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return undefined
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > most) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
