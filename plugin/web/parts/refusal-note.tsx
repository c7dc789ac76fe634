import type { Refusal } from '../data/refusal.ts'

/** Shows a refusal, also announced to screen readers. */
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
