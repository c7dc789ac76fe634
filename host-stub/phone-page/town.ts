import { useCallback, useEffect, useState } from 'preact/hooks'

import type { GroupCard, PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { call, sentenceOf } from './control.ts'

/** The people of the network with their phones, and their groups. */
export type Town = {
  /** Null before they are known. */
  readonly phones: readonly PhoneCard[] | null
  readonly groups: readonly GroupCard[]
  readonly refusal: string | null
  /** Looks again, once something was done. */
  readonly look: () => Promise<void>
}

/** A town whose people are known. */
export type KnownTown = Town & { readonly phones: readonly PhoneCard[] }

const LOOK_EVERY_MS = 4_000
const RETRY_MS = 1_000
const WAIT_MS = 20_000

/** Knows who is there: others may make phones too. */
export function useTown(): Town {
  const [town, setTown] = useState<Omit<Town, 'look'>>({ phones: null, groups: [], refusal: null })
  const look = useCallback(async () => {
    try {
      const [{ phones }, { groups }] = await Promise.all([call('phones/list', {}), call('groups/list', {})])
      setTown({ phones, groups, refusal: null })
    } catch (thrown) {
      setTown(before => ({ ...before, refusal: sentenceOf(thrown) }))
    }
  }, [])
  useEffect(() => {
    void look()
    const timer = setInterval(() => void look(), LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [look])
  return { ...town, look }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** What a phone shows, as it changes; `changed` is told each time. */
export function useScreen(name: string, changed: () => Promise<void>): readonly ScreenLine[] {
  const [lines, setLines] = useState<readonly ScreenLine[]>([])
  useEffect(() => {
    const gone = new AbortController()
    const follow = async (): Promise<void> => {
      let version = -1
      while (!gone.signal.aborted) {
        try {
          const screen = await call('phones/screen', { name, version, wait_ms: version < 0 ? 0 : WAIT_MS }, gone.signal)
          if (screen.version === version) continue
          version = screen.version
          setLines(screen.lines)
          await changed()
        } catch {
          // Who is there is asked for as well, and says why there is no answer.
          version = -1
          await pause(RETRY_MS)
        }
      }
    }
    setLines([])
    void follow()
    return () => gone.abort()
  }, [name, changed])
  return lines
}
