import { useEffect, useRef, useState } from 'preact/hooks'

import { useAction } from './action.ts'
import { type LoadedList, emptyList, withFirst, withOlder, withOne } from './loaded-list.ts'
import { useQuery } from './query.ts'
import type { Refusal } from './refusal.ts'

/** A list, newest first, that is loaded page by page. */
export type Pages<Item> = {
  /** Null until the first page is loaded. */
  readonly items: readonly Item[] | null
  readonly refusal: Refusal | null
  /** Loads the items before the oldest; null if there are none, or while loading. */
  readonly more: (() => void) | null
  /** Loads the newest page again. */
  readonly again: () => void
  /** Adds a new item in front. */
  readonly add: (item: Item) => void
}

/** Loads the items before an item; the newest if null. */
export type LoadPage<Item> = (before: string | null, signal: AbortSignal) => Promise<readonly Item[]>

const NEVER = new AbortController().signal

/** Loads a list in pages of this size, and from the start when one of `when` changes. */
export function usePages<Item extends { readonly id: string }>(
  load: LoadPage<Item>,
  size: number,
  when: readonly unknown[],
): Pages<Item> {
  const [list, setList] = useState<LoadedList<Item>>(emptyList(size))
  const era = useRef(0)
  const { busy, refusal, run } = useAction()
  const first = useQuery(signal => load(null, signal), when)
  useEffect(() => {
    era.current += 1
    setList(emptyList(size))
  }, when)
  useEffect(() => {
    const { value } = first
    if (value !== null) setList(before => withFirst(before, value, size))
  }, [first.value])
  const { items, ended } = list
  const older = async (): Promise<void> => {
    const asked = era.current
    const page = await load(items?.at(-1)?.id ?? null, NEVER)
    if (asked === era.current) setList(before => withOlder(before, page, size))
  }
  return {
    items,
    refusal: first.refusal ?? refusal,
    more: ended || busy || !items ? null : () => void run(older),
    again: first.again,
    add: item => setList(before => withOne(before, item)),
  }
}
