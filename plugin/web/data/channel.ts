import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

import { connectBy, type WhatsAppClient } from '../../../client/connection.ts'
import { fetchFromHost } from './host-clock.ts'
import { type Refusal, Refused } from './refusal.ts'
import { dataTexts as texts } from '../texts/data-texts.ts'

/** The page's access to the channel, with the token of its user. */
export type Channel = {
  readonly client: WhatsAppClient['client']
  /** Calls the host's REST interface, for endpoints without a procedure. Throws `Refused`. */
  get(path: string, signal: AbortSignal): Promise<Response>
  /** Whether the socket to the host is open. */
  isUp(): boolean
  /** Calls the listener when that changes, until the returned function is called. */
  onLine(listener: () => void): () => void
  signOut(reason: string | null): void
  /** Signs out if the refusal says that the token is invalid, and returns whether it did. */
  isOver(refusal: Refusal): boolean
  close(): Promise<void>
}

const RETRY_MS = 900
const OWN_TOKEN = '/api/v1/auth/token'
const OVER = texts.tokenExpired

/** Connects with a token. The socket reconnects within a second of the host being back. */
export function connectChannel(token: string, signOut: Channel['signOut']): Channel {
  let up = false
  const listeners = new Set<() => void>()
  const { client, close } = connectBy({
    url: location.origin,
    token: () => Promise.resolve(token),
    WebSocket,
    fetch: fetchFromHost,
    mostRetryMs: RETRY_MS,
    onLine: open => {
      up = open
      for (const listener of listeners) listener()
    },
  })
  return {
    client,
    close,
    signOut(reason) {
      const headers = { authorization: `Bearer ${token}` }
      // If the host cannot be reached, the token expires by itself.
      if (reason === null)
        void fetchFromHost(OWN_TOKEN, { method: 'DELETE', headers, keepalive: true }).catch(() => undefined)
      signOut(reason)
    },
    isOver({ code }) {
      if (code === 'unauthorized') signOut(OVER)
      return code === 'unauthorized'
    },
    isUp: () => up,
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async get(path, signal) {
      const response = await fetchFromHost(path, { headers: { authorization: `Bearer ${token}` }, signal })
      if (response.ok) return response
      throw new Refused(await response.json().catch(() => ({})), response.status)
    },
  }
}

export const ChannelContext = createContext<Channel | null>(null)

/** The channel; for views of a signed-in user. */
export function useChannel(): Channel {
  const channel = useContext(ChannelContext)
  if (!channel) throw new Error('nobody is signed in')
  return channel
}
