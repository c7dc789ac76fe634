import { RefusalNote } from '../parts/refusal-note.tsx'
import type { Refusal } from '../data/refusal.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** Why a change of a binding failed. If somebody else was faster, the page already shows their version. */
export function OvertakenNote({ refusal }: { refusal: Refusal | null }) {
  if (refusal?.code !== 'binding_changed') return <RefusalNote refusal={refusal} />
  return (
    <div role="alert" class="note wait">
      {texts.orderChangedMeanwhile}
    </div>
  )
}
