import { useEffect, useState } from 'preact/hooks'

import type { WirePairing } from '../../contract/api/pairing.ts'
import type { WireLastWords } from '../../contract/api/channels.ts'
import { type Channel, useChannel } from '../data/channel.ts'
import { hostNow } from '../data/host-clock.ts'
import { type Refusal, refusalOf } from '../data/refusal.ts'
import { keepSession } from './shown-code.ts'
import { useSubscription } from '../data/subscription.ts'

/** How the user links the phone: by the QR code, or by a code for this number. */
export type Way = { readonly by: 'qr' } | { readonly by: 'code'; readonly phone: string }

/** A code that is valid now. */
export type ShownCode = Extract<WirePairing, { status: 'pending' }> & {
  /** ms UTC */
  readonly endsAt: number
  /** Its lifetime when it was first shown. */
  readonly lifeMs: number
  /** The session of its pairing. */
  readonly session: string
}

/** The state of a pairing on this page. `idle`: none was started here. */
export type Stage =
  | { readonly at: 'idle' | 'beginning' | 'conflict' }
  /** `reason` is null if the codes expired. */
  | { readonly at: 'expired'; readonly reason: string | null; readonly said: WireLastWords | null }
  | { readonly at: 'pending'; readonly code: ShownCode }
  | { readonly at: 'connected'; readonly phone: string }
  | { readonly at: 'refused'; readonly refusal: Refusal }

export type Pairing = { readonly stage: Stage; readonly begin: (way: Way) => void }

/** A host that has just started needs a moment before a pairing can start. */
const AGAIN_MS = 1_000
const NOT_YET = new Set(['unreachable', 'gateway_unreachable', 'stopping'])

type Pending = Extract<WirePairing, { status: 'pending' }>

const codeIn = ({ qr_data_url, pairing_code, passkey }: Pending): string | undefined =>
  qr_data_url ?? pairing_code ?? passkey?.options?.challenge ?? passkey?.step

function stageOf(state: WirePairing, before: Stage, session: string): Stage {
  if (state.status !== 'pending') {
    if (state.status === 'connected') return { at: 'connected', phone: state.phone }
    if (state.status === 'conflict') return { at: 'conflict' }
    return { at: 'expired', reason: state.reason ?? null, said: state.whatsapp_said ?? null }
  }
  const now = hostNow()
  const same = before.at === 'pending' && codeIn(before.code) === codeIn(state) ? before.code : null
  const lifeMs = same?.lifeMs ?? state.expires_in * 1_000
  return { at: 'pending', code: { ...state, session, lifeMs, endsAt: same?.endsAt ?? now + state.expires_in * 1_000 } }
}

type Beginning = {
  readonly client: Channel['client']
  readonly account: string
  readonly way: Way
  readonly begun: (session: string) => void
  readonly refused: (refusal: Refusal) => void
  /** The pairing cannot start yet; try again. */
  readonly notYet: () => void
}

/** Starts a pairing. The returned function makes the page ignore its result. */
function beginPairing({ client, account, way, begun, refused, notYet }: Beginning): () => void {
  const gone = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const { signal } = gone
  const started =
    way.by === 'qr'
      ? client.whatsapp.qr.start.mutate({ account }, { signal })
      : client.whatsapp.code.start.mutate({ account, phone: way.phone }, { signal })
  started.then(
    ({ session_id }) => signal.aborted || begun(session_id),
    (thrown: unknown) => {
      if (signal.aborted) return
      const refusal = refusalOf(thrown)
      if (NOT_YET.has(refusal.code)) timer = setTimeout(notYet, AGAIN_MS)
      else refused(refusal)
    },
  )
  return () => {
    clearTimeout(timer)
    gone.abort()
  }
}

/**
 * Links a phone to an account: starts a pairing and follows it by its subscription alone. Starts it again if a restart of the host
 * has ended it, because the user is waiting with the phone.
 */
export function usePairing(account: string): Pairing {
  const channel = useChannel()
  const { client } = channel
  const [wanted, setWanted] = useState<{ readonly way: Way } | null>(null)
  const [session, setSession] = useState<string | null>(null)
  const [stage, setStage] = useState<Stage>({ at: 'idle' })
  const begin = (way: Way): void => {
    setSession(null)
    setStage({ at: 'beginning' })
    setWanted({ way })
  }
  const another = (): void => {
    if (wanted) begin(wanted.way)
  }
  useEffect(() => {
    if (wanted === null) return
    const refused = (refusal: Refusal): void => setStage({ at: 'refused', refusal })
    const begun = (id: string): void => {
      keepSession(id)
      setSession(id)
    }
    return beginPairing({ client, account, way: wanted.way, begun, refused, notYet: another })
  }, [client, account, wanted])
  // While the host is unreachable the code is hidden, because its pairing may be gone.
  useEffect(
    () =>
      channel.onLine(
        () => channel.isUp() || setStage(before => (before.at === 'pending' ? { at: 'beginning' } : before)),
      ),
    [channel],
  )
  useSubscription<WirePairing>(
    ({ whatsapp }, observer) =>
      session === null
        ? { unsubscribe: () => undefined }
        : whatsapp.qr.watch.subscribe({ session_id: session }, observer),
    { take: state => setStage(before => stageOf(state, before, session ?? '')), refused: another },
    [session],
  )
  return { stage, begin }
}
