const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const

/** A duration in its largest unit: `12 s`, `3 min`. */
export function lengthOf(ms: number): string {
  const { name, ms: unit } = UNITS.find(each => ms >= each.ms) ?? UNITS[3]
  return `${Math.max(0, Math.floor(ms / unit))} ${name}`
}

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** An instant in the user's local time. */
export const timeOf = (instant: string): string => TIME.format(new Date(instant))

/** A remaining time as a countdown: `4:05`. */
export function leftOf(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  const shown = String(seconds % 60).padStart(2, '0')
  if (minutes < 60) return `${minutes}:${shown}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${shown}`
}

/** `12 ms`, `1.4 s`, `3 min`. */
export function spanWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}
