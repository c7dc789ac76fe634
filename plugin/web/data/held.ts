/** A list that is loaded from its newest end, a page at a time: its first page as it is now, and what is held of it. */
export function joined<Item extends { readonly id: string }>(
  first: readonly Item[],
  held: readonly Item[],
  pageSize: number,
): readonly Item[] {
  const newer = new Set(first.map(({ id }) => id))
  const rest = held.filter(({ id }) => !newer.has(id))
  // So much is new that something may be missing in between: what is older is loaded again when it is wanted.
  if (first.length === pageSize && rest.length === held.length) return first
  return [...first, ...rest]
}

/** What a page holds of a list, newest first. */
export type Held<Item> = {
  /** Null before the first page is there. */
  readonly items: readonly Item[] | null
  /** So many were asked for; as newer ones come, the oldest are let go of, or a page left open would grow without end. */
  readonly most: number
  /** Whether there are no older ones. */
  readonly ended: boolean
}

/** Nothing yet, of a list that is loaded by pages of a size. */
export const nothingHeld = (size: number): Held<never> => ({ items: null, most: size, ended: false })

function bounded<Item>(held: Held<Item>, items: readonly Item[]): Held<Item> {
  return { ...held, items: items.slice(0, held.most), ended: held.ended && items.length <= held.most }
}

/** Its first page as it is now. */
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

/** The page behind the oldest one. */
export function withOlder<Item>(held: Held<Item>, page: readonly Item[], size: number): Held<Item> {
  const items = [...(held.items ?? []), ...page]
  return { items, most: Math.max(held.most, items.length), ended: page.length < size }
}

/** One that has just come. */
export function withOne<Item extends { readonly id: string }>(held: Held<Item>, item: Item): Held<Item> {
  return held.items === null ? held : bounded(held, [item, ...held.items.filter(({ id }) => id !== item.id)])
}
