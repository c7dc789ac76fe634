import { useLayoutEffect, useRef } from 'preact/hooks'

import { Announcement } from '../parts/announcement.tsx'
import { BindingRow } from './binding-row.tsx'
import type { Following } from './binding-actions.tsx'
import { EditBinding } from './edit-binding.tsx'
import { OvertakenNote } from './overtaken-note.tsx'
import { useDrag } from './use-drag.ts'
import type { Order } from './use-order.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

type ListParts = Following & {
  readonly order: Order
  /** The id of the binding that is being edited. */
  readonly edited: string | undefined
  readonly agents: readonly string[]
}

/** Keeps the focus on a button when its row moves: browsers drop the focus of moved elements. */
function useKeptFocus(): () => void {
  const kept = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (kept.current !== null) document.getElementById(kept.current)?.focus()
    kept.current = null
  })
  return () => {
    kept.current = document.activeElement?.id ?? null
  }
}

/** The bindings in matching order, reorderable by dragging or by buttons. */
export function BindingList({ order, edited, agents, done, reload }: ListParts) {
  const { bindings, refusal, said, warning, place } = order
  const list = useRef<HTMLOListElement>(null)
  const { dragged, lift } = useDrag(list, place)
  const keepFocus = useKeptFocus()
  const move = (id: string, to: number): void => {
    keepFocus()
    place(id, to)
  }
  const others = bindings.filter(({ id }) => id !== dragged?.id)
  const classOf = (id: string): string => {
    if (id === dragged?.id) return 'binding lifted'
    if (dragged && others[dragged.to]?.id === id) return 'binding drop-above'
    return dragged?.to === others.length && others.at(-1)?.id === id ? 'binding drop-below' : 'binding'
  }
  return (
    <>
      <Announcement>{said}</Announcement>
      <OvertakenNote refusal={refusal} />
      <div role="alert" class={warning === undefined ? '' : 'note wait'}>
        {warning}
      </div>
      <ol class="rows" ref={list} aria-label={texts.listLabel}>
        {bindings.map((binding, at) => (
          <li key={binding.id} id={binding.id} class={classOf(binding.id)}>
            {edited === binding.id ? (
              <EditBinding binding={binding} agents={agents} done={done} reload={reload} />
            ) : (
              <BindingRow {...{ binding, at, place: move, lift, done, reload }} of={bindings.length} />
            )}
          </li>
        ))}
      </ol>
    </>
  )
}
