import { RefusalNote } from '../parts/refusal-note.tsx'
import type { Refusal } from '../refusal.ts'

/** Why something was not done to a binding. Where somebody else was faster, theirs is on the page by now. */
export function OvertakenNote({ refusal }: { refusal: Refusal | null }) {
  if (refusal?.code !== 'binding_changed') return <RefusalNote refusal={refusal} />
  return (
    <div role="alert" class="note wait">
      Somebody else has changed the bindings meanwhile. They are shown as they are now; do it once more if you still
      want to.
    </div>
  )
}
