/** Merges the current first page of a list, newest first, with the items loaded so far. */
export function joined<Item extends { readonly id: string }>(
  first: readonly Item[],
  list: readonly Item[],
  pageSize: number,
): readonly Item[] {
  const newer = new Set(first.map(({ id }) => id))
  const rest = list.filter(({ id }) => !newer.has(id))
  // The page is entirely new, so items between it and the loaded ones may be missing; older ones are loaded again on request.
  if (first.length === pageSize && rest.length === list.length) return first
  return [...first, ...rest]
}

/** The items that a page holds of a list, newest first. */
export type LoadedList<Item> = {
  /** Null until the first page is loaded. */
  readonly items: readonly Item[] | null
  /** How many items were requested. New items push out the oldest, so that a page left open does not grow without end. */
  readonly most: number
  /** Whether there are no older items. */
  readonly ended: boolean
}

/** The initial state of a list with this page size. */
export const emptyList = (size: number): LoadedList<never> => ({ items: null, most: size, ended: false })

function bounded<Item>(list: LoadedList<Item>, items: readonly Item[]): LoadedList<Item> {
  return { ...list, items: items.slice(0, list.most), ended: list.ended && items.length <= list.most }
}

/** Updates the list with its current first page. */
export function withFirst<Item extends { readonly id: string }>(
  list: LoadedList<Item>,
  page: readonly Item[],
  size: number,
): LoadedList<Item> {
  const before = list.items ?? []
  const items = joined(page, before, size)
  const letGo = before.length > 0 && items === page && page.length === size
  return bounded({ ...list, ended: page.length < size || (list.ended && !letGo) }, items)
}

/** Adds the page after the oldest item. */
export function withOlder<Item>(list: LoadedList<Item>, page: readonly Item[], size: number): LoadedList<Item> {
  const items = [...(list.items ?? []), ...page]
  return { items, most: Math.max(list.most, items.length), ended: page.length < size }
}

/** Adds a new item. */
export function withOne<Item extends { readonly id: string }>(list: LoadedList<Item>, item: Item): LoadedList<Item> {
  return list.items === null ? list : bounded(list, [item, ...list.items.filter(({ id }) => id !== item.id)])
}
