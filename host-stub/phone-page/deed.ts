import { useState } from 'preact/hooks'

import { sentenceOf } from './control.ts'

/** An action that a person runs on a phone, and why the last one was refused. */
export type Deed = {
  readonly busy: boolean
  readonly refusal: string | null
  /** Runs the work and returns whether it succeeded; does nothing while another run is in progress. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
}

export function useDeed(): Deed {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (busy) return false
    setBusy(true)
    setRefusal(null)
    try {
      await work()
      return true
    } catch (thrown) {
      setRefusal(sentenceOf(thrown))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, refusal, run }
}
