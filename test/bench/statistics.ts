/** The value below which that share of the values lies, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))

/** p50, p95 and p99, each named after what is measured. */
export function percentiles(name: string, values: readonly number[]): Record<string, number> {
  return {
    [`${name}_p50`]: percentile(values, 0.5),
    [`${name}_p95`]: percentile(values, 0.95),
    [`${name}_p99`]: percentile(values, 0.99),
  }
}
