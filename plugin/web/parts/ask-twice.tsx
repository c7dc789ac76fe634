import { useEffect, useRef, useState } from 'preact/hooks'

type Deed = {
  /** What the first button says, without the dots. */
  readonly label: string
  /** What the first button is about, for a user who does not see where it stands. */
  readonly about: string
  /** What comes of it. */
  readonly consequence: string
  readonly busy: boolean
  readonly run: () => void
}

/** A button for what cannot be undone: it asks once more. */
export function AskTwice({ label, about, consequence, busy, run }: Deed) {
  const [asked, setAsked] = useState(false)
  const sure = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (asked) sure.current?.focus()
  }, [asked])
  if (!asked) {
    return (
      <button type="button" aria-label={`${label} ${about}`} onClick={() => setAsked(true)}>
        {label} …
      </button>
    )
  }
  return (
    <>
      <span>{consequence}</span>
      <button
        type="button"
        class="danger"
        ref={sure}
        disabled={busy}
        aria-label={`${label} now: ${about}`}
        onClick={run}
      >
        {label} now
      </button>
      <button type="button" onClick={() => setAsked(false)}>
        Keep it
      </button>
    </>
  )
}
