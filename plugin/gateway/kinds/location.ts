import type { Place } from '../../contract/content.ts'
import { wholeNumber } from './proto-numbers.ts'

/** The part of a message that says where something is. */
export type PlacePart = {
  readonly degreesLatitude?: number | null
  readonly degreesLongitude?: number | null
  readonly accuracyInMeters?: number | null
  readonly name?: string | null
  readonly address?: string | null
}

/** Where it is; null when that is nowhere on the globe. */
export function placeOf({ degreesLatitude, degreesLongitude, ...said }: PlacePart): Place | null {
  const [latitude, longitude] = [degreesLatitude ?? Number.NaN, degreesLongitude ?? Number.NaN]
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null
  return {
    // A place of -0 degrees is another one after it was written down and read.
    latitude: latitude + 0,
    longitude: longitude + 0,
    accuracyMetres: wholeNumber(said.accuracyInMeters) || null,
    name: said.name || null,
    address: said.address || null,
  }
}
