/** Merges the current first page of a list, newest first, with the items held so far. */
export function joined<Item extends { readonly id: string }>(
  first: readonly Item[],
  held: readonly Item[],
  pageSize: number,
): readonly Item[] {
  const newer = new Set(first.map(({ id }) => id))
  const rest = held.filter(({ id }) => !newer.has(id))
  // The page is entirely new, so items between it and the held ones may be missing; older ones are loaded again on request.
  if (first.length === pageSize && rest.length === held.length) return first
  return [...first, ...rest]
}

/** The items that a page holds of a list, newest first. */
export type Held<Item> = {
  /** Null until the first page is loaded. */
  readonly items: readonly Item[] | null
  /** How many items were requested. New items push out the oldest, so that a page left open does not grow without end. */
  readonly most: number
  /** Whether there are no older items. */
  readonly ended: boolean
}

/** The initial state of a list with this page size. */
export const nothingHeld = (size: number): Held<never> => ({ items: null, most: size, ended: false })

function bounded<Item>(held: Held<Item>, items: readonly Item[]): Held<Item> {
  return { ...held, items: items.slice(0, held.most), ended: held.ended && items.length <= held.most }
}

/** Updates the list with its current first page. */
export function withFirst<Item extends { readonly id: string }>(
  held: Held<Item>,
  page: readonly Item[],
  size: number,
): Held<Item> {
  const before = held.items ?? []
  const items = joined(page, before, size)
  const letGo = before.length > 0 && items === page && page.length === size
  return bounded({ ...held, ended: page.length < size || (held.ended && !letGo) }, items)
}

/** Adds the page after the oldest item. */
export function withOlder<Item>(held: Held<Item>, page: readonly Item[], size: number): Held<Item> {
  const items = [...(held.items ?? []), ...page]
  return { items, most: Math.max(held.most, items.length), ended: page.length < size }
}

/** Adds a new item. */
export function withOne<Item extends { readonly id: string }>(held: Held<Item>, item: Item): Held<Item> {
  return held.items === null ? held : bounded(held, [item, ...held.items.filter(({ id }) => id !== item.id)])
}
