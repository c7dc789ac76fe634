import type { IncomingMessage } from 'node:http'

const JSON_TYPE = /^application\/json\s*(;|$)/i

/**
 * Parses the JSON body of a request. Returns undefined if it is not valid JSON, has another content type, or is larger than `most`
 * bytes. Does not read the rest of a body that is too large.
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
