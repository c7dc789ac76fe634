import type { ComponentChildren } from 'preact'

import type { Query } from '../data/query.ts'
import { RefusalNote } from './refusal-note.tsx'
import { partTexts as texts } from '../texts/part-texts.ts'

/** Shows loaded data, a loading text, or why loading failed. */
export function Loaded<Value>({
  query,
  children,
}: {
  query: Query<Value>
  children: (value: Value) => ComponentChildren
}) {
  return (
    <>
      {query.refusal && <RefusalNote refusal={query.refusal} />}
      {query.value === null ? !query.refusal && <p class="quiet">{texts.loading}</p> : children(query.value)}
    </>
  )
}
