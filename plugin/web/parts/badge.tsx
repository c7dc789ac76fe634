import type { ComponentChildren } from 'preact'

import type { Tone } from '../texts/tone.ts'

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}
