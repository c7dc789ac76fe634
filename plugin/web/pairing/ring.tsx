import type { ComponentChildren } from 'preact'

import { useNow } from '../hooks/now.ts'
import { pairingTexts as texts } from '../texts/pairing-texts.ts'

const FRAME_MS = 200

/** A frame that shrinks with the remaining lifetime of its content. */
export function Ring({ endsAt, lifeMs, children }: { endsAt: number; lifeMs: number; children: ComponentChildren }) {
  const now = useNow(FRAME_MS)
  const left = Math.min(1, Math.max(0, (endsAt - now) / lifeMs))
  const seconds = Math.max(0, Math.ceil((endsAt - now) / 1_000))
  return (
    <div class="ring">
      <div class="frame">
        <svg viewBox="0 0 100 100" aria-hidden="true">
          <rect class="track" x="2" y="2" width="96" height="96" rx="9" pathLength="100" />
          <rect
            class={left < 0.25 ? 'rest ending' : 'rest'}
            x="2"
            y="2"
            width="96"
            height="96"
            rx="9"
            pathLength="100"
            stroke-dasharray="100"
            stroke-dashoffset={100 * (1 - left)}
          />
        </svg>
        {children}
      </div>
      <p class="quiet">{texts.validFor(seconds)}</p>
    </div>
  )
}
