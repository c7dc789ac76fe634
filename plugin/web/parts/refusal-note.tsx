import type { Refusal } from '../data/refusal.ts'

/** Says that something was refused, to a screen reader as well. */
export function RefusalNote({ refusal }: { refusal: Refusal | null }) {
  return (
    <div role="alert" class={refusal ? 'note bad' : ''}>
      {refusal && (
        <>
          {refusal.message} <code>{refusal.code}</code>
          {refusal.requestId !== null && <code>{refusal.requestId}</code>}
        </>
      )}
    </div>
  )
}
