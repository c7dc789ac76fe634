const AGO = /^([0-9]{1,6})([smhd])$/
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const INSTANT =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$/

/**
 * Parses an instant such as 2026-01-02T15:00:00Z, or a duration before now such as 10m, 2h or 3d, to ms UTC; null if it is neither.
 */
export function instantOf(written: string, nowMs: number): number | null {
  const [, count, unit = ''] = AGO.exec(written) ?? []
  const unitMs = UNITS_MS[unit]
  if (count !== undefined && unitMs !== undefined) return nowMs - Number(count) * unitMs
  const [, year, month, day] = INSTANT.exec(written) ?? []
  const atMs = day === undefined ? Number.NaN : Date.parse(written)
  // Date.parse reads a day that the month does not have as a day of the next month.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  return Number.isNaN(atMs) || !isDay ? null : atMs
}
