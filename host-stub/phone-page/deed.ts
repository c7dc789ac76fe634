import { useState } from 'preact/hooks'

import { sentenceOf } from './control.ts'

/** Something that a person does with a phone, and why it was refused the last time. */
export type Deed = {
  readonly busy: boolean
  readonly refusal: string | null
  /** Does it and says whether it was done; while another is under way nothing is begun. */
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
