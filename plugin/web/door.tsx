import { useEffect, useMemo, useState } from 'preact/hooks'

import { ChannelContext, connectChannel } from './channel.ts'
import { exchangeCode, forgetToken, keepToken, keptToken, takeCode } from './session.ts'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

const USED = 'This link was used already, or is too old. Start the host anew for another, or give a token.'

/** Lets in whoever has a token, or comes by a link with a code that the host gives one for. */
export function Door() {
  const [code] = useState(takeCode)
  const [token, setToken] = useState(code === null ? keptToken : null)
  const [reason, setReason] = useState<string | null>(null)
  const [waits, setWaits] = useState(code !== null)

  const enter = (given: string): void => {
    keepToken(given)
    setReason(null)
    setToken(given)
  }
  const leave = (why: string | null): void => {
    forgetToken()
    setReason(why)
    setToken(null)
  }
  useEffect(() => {
    if (code === null) return
    exchangeCode(code)
      .then(
        given => (given === null ? leave(USED) : enter(given)),
        () => leave('The host does not answer. Is it running?'),
      )
      .finally(() => setWaits(false))
  }, [code])

  const channel = useMemo(() => (token === null ? null : connectChannel(token, leave)), [token])
  useEffect(() => () => void channel?.close(), [channel])
  if (waits) return <p class="quiet">Signing in …</p>
  if (!channel) return <SignIn reason={reason} onToken={enter} />
  return (
    <ChannelContext.Provider value={channel}>
      <Shell />
    </ChannelContext.Provider>
  )
}
