import { useCallback, useEffect, useState } from 'preact/hooks'

import type { GroupCard, PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { call, sentenceOf } from './control.ts'

/** The people of the network with their phones, and their groups. */
export type Town = {
  /** Null until they are loaded. */
  readonly phones: readonly PhoneCard[] | null
  readonly groups: readonly GroupCard[]
  readonly refusal: string | null
  /** Loads them again, after a change. */
  readonly look: () => Promise<void>
}

/** A town whose people are loaded. */
export type KnownTown = Town & { readonly phones: readonly PhoneCard[] }

const LOOK_EVERY_MS = 4_000
const RETRY_MS = 1_000
const WAIT_MS = 20_000

/** Loads the people and groups, repeatedly, because others may add phones too. */
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

/** The lines that a phone shows, kept up to date; `changed` is called at each change. */
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
          // The town is polled as well, and shows why there is no answer.
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
