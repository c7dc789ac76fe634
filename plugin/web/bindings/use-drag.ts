import type { RefObject, TargetedPointerEvent } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { placeAt } from './order.ts'

/** The row that is being dragged, and where it would be dropped now. */
export type Dragged = { readonly id: string; readonly to: number }

export type Drag = {
  readonly dragged: Dragged | null
  /** Starts a drag. */
  readonly lift: (id: string) => (event: TargetedPointerEvent<HTMLElement>) => void
}

const idOf = (row: Element): string => row.id

function placeIn(list: HTMLElement, id: string, height: number): number {
  const others = [...list.children].filter(row => idOf(row) !== id)
  return placeAt(
    others.map(row => {
      const { top, bottom } = row.getBoundingClientRect()
      return (top + bottom) / 2
    }),
    height,
  )
}

/** Drags the rows of a list by mouse, pen or finger. The rows need their ids as element ids. Escape cancels the drag. */
export function useDrag(list: RefObject<HTMLElement | null>, drop: (id: string, to: number) => void): Drag {
  const [dragged, setDragged] = useState<Dragged | null>(null)
  const newest = useRef(drop)
  newest.current = drop
  const id = dragged?.id
  useEffect(() => {
    if (id === undefined) return
    const over = new AbortController()
    const placeOf = ({ clientY }: PointerEvent): number => (list.current ? placeIn(list.current, id, clientY) : 0)
    const end = (): void => setDragged(null)
    const { signal } = over
    addEventListener('pointermove', event => setDragged({ id, to: placeOf(event) }), { signal })
    addEventListener(
      'pointerup',
      event => {
        end()
        newest.current(id, placeOf(event))
      },
      { signal },
    )
    addEventListener('pointercancel', end, { signal })
    addEventListener('keydown', event => event.key === 'Escape' && end(), { signal })
    return () => over.abort()
  }, [id])
  const lift = (lifted: string) => (event: TargetedPointerEvent<HTMLElement>) => {
    if (event.button !== 0 || !list.current) return
    event.preventDefault()
    setDragged({ id: lifted, to: placeIn(list.current, lifted, event.clientY) })
  }
  return { dragged, lift }
}
