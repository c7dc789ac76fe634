import { useEffect, useMemo, useState } from 'preact/hooks'

import { ChannelContext, connectChannel } from '../data/channel.ts'
import { shellTexts as texts } from '../texts/shell-texts.ts'
import { exchangeCode, forgetToken, keepToken, keptToken, takeCode } from './session.ts'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

/** The code of a sign-in link, from the initial address or from a later change of it. */
function useCode(): string | null {
  const [code, setCode] = useState(takeCode)
  useEffect(() => {
    const moved = (): void => setCode(before => takeCode() ?? before)
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  return code
}

/** Signs in a user by token, or by a link with a code that the host exchanges for a token. */
export function SessionGate() {
  const code = useCode()
  const [token, setToken] = useState(keptToken)
  const [reason, setReason] = useState<string | null>(null)
  const [tried, setTried] = useState<string | null>(null)

  const enter = (given: string): void => {
    keepToken(given)
    setReason(null)
    setToken(given)
  }
  /** Ignores the end of a token if another one is in use by now. */
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
        // An invalid link does not sign out the user: anybody can send one.
        given => (given === null ? leave(null, texts.linkUsed) : enter(given)),
        () => leave(null, texts.noAnswer),
      )
      .finally(() => setTried(code))
  }, [code])

  const channel = useMemo(() => (token === null ? null : connectChannel(token, why => leave(token, why))), [token])
  useEffect(() => () => void channel?.close(), [channel])
  if (!channel && code !== tried) return <p class="quiet">{texts.signingIn}</p>
  if (!channel) return <SignIn reason={reason} onToken={enter} />
  return (
    <ChannelContext.Provider value={channel}>
      <Shell />
    </ChannelContext.Provider>
  )
}
