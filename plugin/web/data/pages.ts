import { useEffect, useRef, useState } from 'preact/hooks'

import { useAction } from './action.ts'
import { type Held, nothingHeld, withFirst, withOlder, withOne } from './held.ts'
import { useQuery } from './query.ts'
import type { Refusal } from './refusal.ts'

/** A list, newest first, that is loaded from its beginning, a page at a time. */
export type Pages<Item> = {
  /** Null before the first page is there. */
  readonly items: readonly Item[] | null
  readonly refusal: Refusal | null
  /** Loads those before the oldest; null when there are none, or they are being loaded. */
  readonly more: (() => void) | null
  /** Loads the newest again. */
  readonly again: () => void
  /** Puts one in front that has just come. */
  readonly add: (item: Item) => void
}

/** Loads what comes before an item; the newest when that is null. */
export type LoadPage<Item> = (before: string | null, signal: AbortSignal) => Promise<readonly Item[]>

const NEVER = new AbortController().signal

/** Loads a list by pages of a size, and all of it again whenever one of `when` has changed. */
export function usePages<Item extends { readonly id: string }>(
  load: LoadPage<Item>,
  size: number,
  when: readonly unknown[],
): Pages<Item> {
  const [held, setHeld] = useState<Held<Item>>(nothingHeld(size))
  const era = useRef(0)
  const { busy, refusal, run } = useAction()
  const first = useQuery(signal => load(null, signal), when)
  useEffect(() => {
    era.current += 1
    setHeld(nothingHeld(size))
  }, when)
  useEffect(() => {
    const { value } = first
    if (value !== null) setHeld(before => withFirst(before, value, size))
  }, [first.value])
  const { items, ended } = held
  const older = async (): Promise<void> => {
    const asked = era.current
    const page = await load(items?.at(-1)?.id ?? null, NEVER)
    if (asked === era.current) setHeld(before => withOlder(before, page, size))
  }
  return {
    items,
    refusal: first.refusal ?? refusal,
    more: ended || busy || !items ? null : () => void run(older),
    again: first.again,
    add: item => setHeld(before => withOne(before, item)),
  }
}
