import { once } from 'node:events'
import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { get as getSecure } from 'node:https'

import { isLoopbackHost } from '../../contract/loopback.ts'
import { parseWebVersion, versionProblem, type SourceProblem, type WebVersion } from '../../contract/web-version.ts'

/** Where WhatsApp names its newest version, on the host that the accounts connect to anyway. */
export const WHATSAPP_SOURCE = 'https://web.whatsapp.com/sw.js'

/** The result of asking the source. */
export type Sourced = { readonly version: WebVersion } | { readonly problem: SourceProblem }

const WITHIN_MS = 8_000
const MOST_BYTES = 5 * 2 ** 20

/**
 * The two headers and the expression of `fetchLatestWaWebVersion` in Baileys rc14 (generics.js). Baileys itself is not used: it
 * follows redirects, reads any number of bytes, and returns the built-in version when it finds none.
 */
const HEADERS = {
  'sec-fetch-site': 'none',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'accept-encoding': 'identity',
}
const REVISION = /\bclient_revision[\\"']{0,9}\s{0,9}:\s{0,9}(\d+)/

/**
 * Asks the source for the newest version. Only WhatsApp's own address and loopback are contacted, and no other address that they
 * name.
 */
export async function askSource(address: string, builtIn: WebVersion, withinMs = WITHIN_MS): Promise<Sourced> {
  const signal = AbortSignal.timeout(withinMs)
  try {
    const script = await scriptAt(new URL(address), signal)
    if (typeof script !== 'string') return script
    const version = parseWebVersion(`2.3000.${REVISION.exec(script)?.[1] ?? ''}`)
    if (!version) return { problem: 'no_version' }
    const problem = versionProblem(version, builtIn)
    return problem ? { problem } : { version }
  } catch {
    return { problem: signal.aborted ? 'too_slow' : 'unreachable' }
  }
}

async function scriptAt(place: URL, signal: AbortSignal): Promise<string | { problem: SourceProblem }> {
  const response = await answerOf(place, signal)
  try {
    const problem = problemOf(response)
    if (problem) return { problem }
    const chunks: Buffer[] = []
    let sizeBytes = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length
      if (sizeBytes > MOST_BYTES) return { problem: 'too_large' }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    response.destroy()
  }
}

async function answerOf(place: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const isOurs = place.href === WHATSAPP_SOURCE || isLoopbackHost(place.hostname)
  if (!isOurs) throw new TypeError('not a source of ours')
  const options: RequestOptions = { agent: false, signal, headers: HEADERS }
  const request = place.protocol === 'https:' ? getSecure(place, options) : getPlain(place, options)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

function problemOf({ statusCode = 0, headers }: IncomingMessage): SourceProblem | null {
  if (statusCode >= 300 && statusCode < 400) return 'redirected'
  if (statusCode !== 200) return 'refused'
  const isPage = headers['content-type']?.includes('html') ?? false
  const isPacked = (headers['content-encoding'] ?? 'identity') !== 'identity'
  if (isPage || isPacked) return 'no_script'
  return Number(headers['content-length'] ?? 0) > MOST_BYTES ? 'too_large' : null
}
