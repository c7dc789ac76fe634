import { useEffect } from 'preact/hooks'

import { type Channel, useChannel } from '../data/channel.ts'

let session: string | null = null

/** Stores the session of the pairing started here last. */
export const keepSession = (begun: string): void => {
  session = begun
}

/** The current QR image of that pairing, whether or not its view is still open; null if no code can be used. */
async function codeNow(client: Channel['client']): Promise<string | null> {
  if (session === null) return null
  const state = await client.whatsapp.qr.status.query({ session_id: session }).catch(() => null)
  return (state?.status === 'pending' && state.qr_data_url) || null
}

/** Answers a host's panel that asks for the code: a simulated phone in it has no camera to scan this page. */
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
