import { useEffect, useRef, useState } from 'preact/hooks'
import { partTexts as texts } from '../texts/part-texts.ts'

type Deed = {
  /** The text of the first button, without the dots. */
  readonly label: string
  /** The subject of the first button, for users of screen readers. */
  readonly about: string
  /** The consequence of the action. */
  readonly consequence: string
  readonly busy: boolean
  readonly run: () => void
}

/** A button for an action that cannot be undone; asks for confirmation. */
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
        aria-label={texts.nowAbout(label, about)}
        onClick={run}
      >
        {label} {texts.now}
      </button>
      <button type="button" onClick={() => setAsked(false)}>
        {texts.keepIt}
      </button>
    </>
  )
}
