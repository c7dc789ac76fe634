import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

import type { ModelMessage, ModelTool } from '../../host-stub/agentcy/model/model.ts'

/** What the endpoint was asked. */
export type AskedOfModel = {
  readonly headers: IncomingHttpHeaders
  readonly path: string
  readonly body: {
    readonly model: string
    readonly stream: boolean
    readonly max_tokens: number
    readonly tool_choice: string
    readonly messages: readonly ModelMessage[]
    readonly tools: readonly ModelTool[]
  }
}

/** What the endpoint answers one question with; it resolves when it has no more to say. */
export type Script = (response: ServerResponse) => Promise<void> | void

const piece = (choice: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`
/** The end of an answer. */
export const END = `${piece({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`

/** Streams these, each as a chunk of its own. */
export const streams =
  (...chunks: (string | Uint8Array)[]): Script =>
  response => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }

/** Says a text, a letter at a time, and each byte of it as a chunk of its own. */
export const says = (words: string): Script =>
  streams(
    ...Array.from(Buffer.from(Array.from(words, content => piece({ delta: { content } })).join('')), byte =>
      Buffer.of(byte),
    ),
    END,
  )

/** Calls tools, the arguments of each in two pieces. */
export const calls = (...called: { name: string; arguments: string }[]): Script =>
  streams(
    ...called.flatMap(({ name, arguments: given }, index) => {
      const half = Math.floor(given.length / 2)
      const more = (words: string) => ({ index, function: { arguments: words } })
      const begun = { index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }
      return [begun, more(given.slice(0, half)), more(given.slice(half))].map(each =>
        piece({ delta: { tool_calls: [each] } }),
      )
    }),
    piece({ delta: {}, finish_reason: 'tool_calls' }),
    'data: [DONE]\n\n',
  )

/** Refuses, with words that nobody may repeat. */
export const refuses =
  (status: number, headers: Record<string, string> = {}): Script =>
  response => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end('{"error":{"message":"the secret of the endpoint"}}')
  }

/** Begins with these and then says nothing, for ever; without any it does not even begin. */
export const hangs =
  (...chunks: string[]): Script =>
  async response => {
    if (chunks.length > 0) response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of chunks) response.write(chunk)
    await once(response, 'close')
  }

/** Says a letter each second, for ever: whoever waits for its end waits until their own is over. */
export const dribbles: Script = async response => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const drip = setInterval(() => response.write(piece({ delta: { content: 'a' } })), 1_000)
  await once(response, 'close')
  clearInterval(drip)
}

/** Breaks the line after these. */
export const breaks =
  (...chunks: string[]): Script =>
  async response => {
    if (chunks.length > 0) response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of chunks) await new Promise<void>(resolve => void response.write(chunk, () => resolve()))
    response.destroy()
  }

/** Says the same for ever, as fast as it is read, until it is cut off; `onCut` is told how many bytes that were. */
export const endless =
  (chunk: string, onCut: (bytes: number) => void): Script =>
  async response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let bytes = 0
    const said = function* (): Generator<string> {
      for (;;) {
        bytes += chunk.length
        yield chunk
      }
    }
    await pipeline(said(), response).catch(() => onCut(bytes))
  }

/** A piece of text. */
export const saysPiece = (content: string): string => piece({ delta: { content } })

/** A stand-in for a language model, on loopback: it answers one question after the other as it is told. */
export type ModelStandIn = AsyncDisposable & {
  /** For `ASSISTANT_BASE_URL`. */
  readonly url: string
  readonly asked: readonly AskedOfModel[]
  /** What the next questions are answered with. */
  next(...scripts: Script[]): void
}

export async function modelEndpoint(...first: Script[]): Promise<ModelStandIn> {
  const scripts = [...first]
  const asked: AskedOfModel[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on('error', () => undefined)
    const body = JSON.parse(await text(request)) as AskedOfModel['body']
    asked.push({ headers: request.headers, path: request.url ?? '', body })
    await (scripts.shift() ?? refuses(418))(response)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    next: (...more) => void scripts.push(...more),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
