const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const

/** How long something takes, in its largest unit: `12 s`, `3 min`. */
export function lengthOf(ms: number): string {
  const { name, ms: unit } = UNITS.find(each => ms >= each.ms) ?? UNITS[3]
  return `${Math.max(0, Math.floor(ms / unit))} ${name}`
}

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** An instant in the reader's own time. */
export const timeOf = (instant: string): string => TIME.format(new Date(instant))
