import { useEffect } from 'preact/hooks'

import { type Channel, useChannel } from '../data/channel.ts'

let session: string | null = null

/** Remembers the pairing that was begun here last. */
export const keepSession = (begun: string): void => {
  session = begun
}

/** The picture of its code as it is now, whether or not its view is still there; null when no code can be used. */
async function codeNow(client: Channel['client']): Promise<string | null> {
  if (session === null) return null
  const state = await client.whatsapp.qr.status.query({ session_id: session }).catch(() => null)
  return (state?.status === 'pending' && state.qr_data_url) || null
}

/** Answers a panel of the host that asks for the code: a phone within it has no camera that could look at this page. */
export function useShownCode(): void {
  const { client } = useChannel()
  useEffect(() => {
    const asked = ({ origin, data, ports: [port] }: MessageEvent): void => {
      if (origin !== location.origin || data !== 'shown-code' || !port) return
      void codeNow(client).then(code => port.postMessage(code))
    }
    addEventListener('message', asked)
    return () => removeEventListener('message', asked)
  }, [client])
}
