/** The list with one id moved to a place, from 0. Places beyond the ends become the ends. */
export function placed(ids: readonly string[], id: string, place: number): readonly string[] {
  const others = ids.filter(each => each !== id)
  const at = Math.min(Math.max(place, 0), others.length)
  return [...others.slice(0, at), id, ...others.slice(at)]
}

/** The place for a drop at a height: after the rows whose middle is above it. */
export const placeAt = (middlesOfOthers: readonly number[], height: number): number =>
  middlesOfOthers.filter(middle => middle < height).length
