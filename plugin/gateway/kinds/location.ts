import type { Place } from '../../contract/content.ts'
import { wholeNumber } from './proto-numbers.ts'

/** The part of a message that describes a place. */
export type PlacePart = {
  readonly degreesLatitude?: number | null
  readonly degreesLongitude?: number | null
  readonly accuracyInMeters?: number | null
  readonly name?: string | null
  readonly address?: string | null
}

/** The place; null if it is not on the globe. */
export function placeOf({ degreesLatitude, degreesLongitude, ...said }: PlacePart): Place | null {
  const [latitude, longitude] = [degreesLatitude ?? Number.NaN, degreesLongitude ?? Number.NaN]
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null
  return {
    // -0 degrees would be a different number after it was written and parsed.
    latitude: latitude + 0,
    longitude: longitude + 0,
    accuracyMetres: wholeNumber(said.accuracyInMeters) || null,
    name: said.name || null,
    address: said.address || null,
  }
}
