import { useEffect, useMemo, useState } from 'preact/hooks'

import { ChannelContext, connectChannel } from '../data/channel.ts'
import { exchangeCode, forgetToken, keepToken, keptToken, takeCode } from './session.ts'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

const USED = 'This link was already used, or has expired. Restart the host for a new one, or enter a token.'

/** The code of a link, by which the page was opened or which was put into its address later. */
function useCode(): string | null {
  const [code, setCode] = useState(takeCode)
  useEffect(() => {
    const moved = (): void => setCode(before => takeCode() ?? before)
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  return code
}

/** Lets in a user who has a token, or comes by a link with a code that the host gives one for. */
export function Door() {
  const code = useCode()
  const [token, setToken] = useState(keptToken)
  const [reason, setReason] = useState<string | null>(null)
  const [tried, setTried] = useState<string | null>(null)

  const enter = (given: string): void => {
    keepToken(given)
    setReason(null)
    setToken(given)
  }
  /** A user whom another token has let in in the meantime stays. */
  const leave = (left: string | null, why: string | null): void => {
    if (keptToken() !== left) return
    forgetToken()
    setReason(why)
    setToken(null)
  }
  useEffect(() => {
    if (code === null) return
    exchangeCode(code)
      .then(
        // A link that opens nothing ends nothing either: anybody can send one.
        given => (given === null ? leave(null, USED) : enter(given)),
        () => leave(null, 'The host does not answer. Is it running?'),
      )
      .finally(() => setTried(code))
  }, [code])

  const channel = useMemo(() => (token === null ? null : connectChannel(token, why => leave(token, why))), [token])
  useEffect(() => () => void channel?.close(), [channel])
  if (!channel && code !== tried) return <p class="quiet">Signing in …</p>
  if (!channel) return <SignIn reason={reason} onToken={enter} />
  return (
    <ChannelContext.Provider value={channel}>
      <Shell />
    </ChannelContext.Provider>
  )
}
