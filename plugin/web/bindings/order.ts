/** The list with one of it at another place, from 0; places beyond the ends are the ends. */
export function placed(ids: readonly string[], id: string, place: number): readonly string[] {
  const others = ids.filter(each => each !== id)
  const at = Math.min(Math.max(place, 0), others.length)
  return [...others.slice(0, at), id, ...others.slice(at)]
}

/** The place where something is dropped at a height, among the others: below those whose middle is above it. */
export const placeAt = (middlesOfOthers: readonly number[], height: number): number =>
  middlesOfOthers.filter(middle => middle < height).length
