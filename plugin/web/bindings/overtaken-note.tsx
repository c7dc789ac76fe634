import { RefusalNote } from '../parts/refusal-note.tsx'
import type { Refusal } from '../data/refusal.ts'

/** Why something was not done to a binding. Where somebody else was faster, theirs is on the page by now. */
export function OvertakenNote({ refusal }: { refusal: Refusal | null }) {
  if (refusal?.code !== 'binding_changed') return <RefusalNote refusal={refusal} />
  return (
    <div role="alert" class="note wait">
      Someone else changed the bindings in the meantime. The current ones are shown; repeat your change if you still
      want to.
    </div>
  )
}
