/** A list that is loaded from its newest end, a page at a time: its first page as it is now, and what is held of it. */
export function joined<Item extends { readonly id: string }>(
  first: readonly Item[],
  held: readonly Item[],
  pageSize: number,
): readonly Item[] {
  const newer = new Set(first.map(({ id }) => id))
  const rest = held.filter(({ id }) => !newer.has(id))
  // So much is new that something may be missing in between: what is older is loaded anew when it is wanted.
  if (first.length === pageSize && rest.length === held.length) return first
  return [...first, ...rest]
}
