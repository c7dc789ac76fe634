import type { ComponentChildren } from 'preact'

/** What a word means for whoever reads it: all is well, wait, do something, or nothing of these. */
export type Tone = 'good' | 'wait' | 'bad' | 'plain'

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}
