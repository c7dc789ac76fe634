const BASE_URL = 'https://api.openai.com/v1'
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** The endpoint, the key and the model. */
export type ModelSettings = {
  /** The address of its chat completions. */
  readonly url: string
  readonly model: string
  readonly key: string
}

/** The settings, or a sentence for a person that says what to set. */
export type ReadModelSettings =
  | { readonly status: 'complete'; readonly settings: ModelSettings }
  | { readonly status: 'incomplete'; readonly sentence: string }

type Variables = Readonly<Record<string, string | undefined>>

/** The address of chat completions below a base address; null if the key must not be sent to that address. */
function completionsAt(base: string): string | null {
  if (!URL.canParse(base)) return null
  const url = new URL(base)
  const { protocol, hostname, username, password } = url
  const isClosed = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
  if (!isClosed || username !== '' || password !== '') return null
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`
  url.hash = ''
  return url.href
}

/** Reads `ASSISTANT_BASE_URL`, `ASSISTANT_MODEL` and `ASSISTANT_API_KEY`. */
export function readModelSettings(variables: Variables): ReadModelSettings {
  const { ASSISTANT_BASE_URL: base = '', ASSISTANT_MODEL: model = '', ASSISTANT_API_KEY: key = '' } = variables
  const missing = [...(model === '' ? ['ASSISTANT_MODEL'] : []), ...(key === '' ? ['ASSISTANT_API_KEY'] : [])]
  if (missing.length > 0) return { status: 'incomplete', sentence: `Set ${missing.join(' and ')}.` }
  const url = completionsAt(base || BASE_URL)
  if (url === null) {
    const sentence = 'Set ASSISTANT_BASE_URL to an https address without credentials, or to http on this machine.'
    return { status: 'incomplete', sentence }
  }
  return { status: 'complete', settings: { url, model, key } }
}
