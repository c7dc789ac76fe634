import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

import { policyTexts as texts } from '../texts/policy-texts.ts'
import { numbersOf } from './caret.ts'

/** A text area with line numbers. The caller owns its ref, to move the caret. */
export function SourceEditor({
  area,
  source,
  change,
}: {
  area: RefObject<HTMLTextAreaElement | null>
  source: string
  change: (source: string) => void
}) {
  const gutter = useRef<HTMLPreElement>(null)
  const follow = (): void => {
    if (gutter.current && area.current) gutter.current.scrollTop = area.current.scrollTop
  }
  return (
    <div class="editor">
      <pre class="gutter" ref={gutter} aria-hidden="true">
        {numbersOf(source)}
      </pre>
      <textarea
        ref={area}
        aria-label={texts.source}
        wrap="off"
        rows={20}
        spellcheck={false}
        autocapitalize="off"
        value={source}
        onInput={event => change(event.currentTarget.value)}
        onScroll={follow}
      />
    </div>
  )
}
