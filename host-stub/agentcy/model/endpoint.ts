import { setTimeout as delay } from 'node:timers/promises'

import type { Log, Turn } from '../../../plugin/contract/host.ts'
import { Assembly } from './assembly.ts'
import { eventsIn } from './event-stream.ts'
import { type Completion, ModelFailure, type ModelQuestion } from './model.ts'
import type { ModelSettings } from './settings.ts'

const TRIES_MOST = 3
const OUTPUT_TOKENS_MOST = 1_024
const STREAM_BYTES_MOST = 4 * 1024 * 1024
const EVENT_LETTERS_MOST = 256 * 1024
/** Temporary HTTP errors: a retry may succeed. */
const PASSING = new Set([408, 409, 425, 429, 500, 502, 503, 504])

/** Timeouts and pauses. */
export type ModelTimes = {
  /** Until the first byte of the answer. */
  readonly firstByteMs: number
  /** Between two pieces of the answer. */
  readonly idleMs: number
  /** The pause before the second try; twice as long before the third. */
  readonly retryMs: number
  /** If the endpoint requests a longer pause than this, it is not asked again. */
  readonly retryAfterMostMs: number
}

export const MODEL_TIMES: ModelTimes = {
  firstByteMs: 60_000,
  idleMs: 30_000,
  retryMs: 1_000,
  retryAfterMostMs: 30_000,
}

/** What an endpoint needs. */
export type EndpointParts = {
  readonly settings: ModelSettings
  readonly times: ModelTimes
  readonly log: Log
  /** At least 0 and below 1. */
  readonly random: () => number
}

/** A model behind an endpoint with OpenAI's API. */
export class ModelEndpoint {
  readonly #parts: EndpointParts

  constructor(parts: EndpointParts) {
    this.#parts = parts
  }

  /**
   * Requests one completion for a turn. Retries a few times after a temporary failure, if nothing of the completion has arrived
   * yet.
   * @throws ModelFailure, or the abort reason of the turn.
   */
  async complete(question: ModelQuestion, { id, signal }: Pick<Turn, 'id' | 'signal'>): Promise<Completion> {
    for (let tries = 1; ; tries += 1) {
      const assembly = new Assembly()
      try {
        return await this.#ask(question, assembly, signal)
      } catch (error) {
        signal.throwIfAborted()
        const failure = error instanceof ModelFailure ? error : new ModelFailure(lineFailure(assembly))
        const waitMs = tries < TRIES_MOST && !assembly.isBegun ? this.#waitAfter(failure, tries) : null
        this.#parts.log.warn({ turn: id, code: failure.code, tries, retry_ms: waitMs }, 'host.model_failed')
        if (waitMs === null) throw failure
        await delay(waitMs, undefined, { signal })
      }
    }
  }

  async #ask(question: ModelQuestion, assembly: Assembly, signal: AbortSignal): Promise<Completion> {
    const { times } = this.#parts
    const patience = new Patience(times.firstByteMs)
    try {
      const response = await fetch(this.#parts.settings.url, {
        ...this.#requestOf(question),
        signal: AbortSignal.any([signal, patience.signal]),
      })
      if (!response.ok) throw new ModelFailure(`http_${response.status}`, retryAfterMs(response))
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (!isStream || !response.body) throw new ModelFailure('bad_stream')
      const bytes = bounded(response.body, () => patience.renew(times.idleMs))
      for await (const event of eventsIn(bytes, EVENT_LETTERS_MOST)) {
        assembly.add(event)
        if (assembly.hasEnded) break
      }
      return assembly.finish()
    } catch (error) {
      throw patience.failure ?? error
    } finally {
      patience.end()
    }
  }

  #requestOf({ messages, tools, mayCall }: ModelQuestion): RequestInit {
    const { url, model, key } = this.#parts.settings
    // OpenAI's newest models accept only this name, and the servers of many others only the other name.
    const most = new URL(url).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens'
    const asked = { model, stream: true, [most]: OUTPUT_TOKENS_MOST, messages, tools }
    return {
      method: 'POST',
      // The key must not be sent to any other address.
      redirect: 'error',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ ...asked, tool_choice: mayCall ? 'auto' : 'none' }),
    }
  }

  /** How long to wait before a retry; null if a retry is of no use. */
  #waitAfter({ code, retryAfterMs: wished }: ModelFailure, tries: number): number | null {
    const { times, random } = this.#parts
    if (
      !['unreachable', 'silent', 'stalled', 'cut_off'].includes(code) &&
      !PASSING.has(Number(code.slice('http_'.length)))
    )
      return null
    if (wished !== null && wished > times.retryAfterMostMs) return null
    const waitMs = times.retryMs * 2 ** (tries - 1) * (0.5 + random() / 2)
    return Math.round(Math.max(waitMs, wished ?? 0))
  }
}

/** Aborts a request that receives nothing for too long. */
class Patience {
  readonly #end = new AbortController()
  #timer: NodeJS.Timeout
  #failure: ModelFailure | null = null

  constructor(firstByteMs: number) {
    this.#timer = this.#until(firstByteMs, 'silent')
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** Why the request was aborted; null if it was not. */
  get failure(): ModelFailure | null {
    return this.#failure
  }

  /** Restarts the timeout after a piece has arrived. */
  renew(idleMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = this.#until(idleMs, 'stalled')
  }

  /** Ends the request, whether it succeeded or not: nothing more is read. */
  end(): void {
    clearTimeout(this.#timer)
    this.#end.abort()
  }

  #until(waitMs: number, code: 'silent' | 'stalled'): NodeJS.Timeout {
    return setTimeout(() => {
      this.#failure = new ModelFailure(code)
      this.#end.abort()
    }, waitMs)
  }
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, onBytes: () => void): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    onBytes()
    size += chunk.length
    if (size > STREAM_BYTES_MOST) throw new ModelFailure('too_long')
    yield chunk
  }
}

/** The failure code of a broken connection. */
const lineFailure = ({ isBegun }: Assembly): 'cut_off' | 'unreachable' => (isBegun ? 'cut_off' : 'unreachable')

/** Parses the Retry-After header, which contains seconds or an instant. */
function retryAfterMs({ headers }: Response): number | null {
  const value = headers.get('retry-after') ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}
