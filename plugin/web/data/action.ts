import { useState } from 'preact/hooks'

import { useChannel } from './channel.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** A user's action, with its last result. */
export type Action = {
  readonly busy: boolean
  readonly refusal: Refusal | null
  /** Runs the action and returns whether it succeeded; false while another one is running. */
  readonly run: (deed: () => Promise<unknown>) => Promise<boolean>
}

export function useAction(): Action {
  const channel = useChannel()
  const [state, setState] = useState<Pick<Action, 'busy' | 'refusal'>>({ busy: false, refusal: null })
  return {
    ...state,
    async run(deed) {
      if (state.busy) return false
      setState({ busy: true, refusal: null })
      try {
        await deed()
        setState({ busy: false, refusal: null })
        return true
      } catch (thrown) {
        const refusal = refusalOf(thrown)
        if (!channel.isOver(refusal)) setState({ busy: false, refusal })
        return false
      }
    },
  }
}
