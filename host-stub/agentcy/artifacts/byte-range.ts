import type { ByteRange } from '../../../plugin/contract/host.ts'

const ONE = /^bytes=(\d{0,15})-(\d{0,15})$/

/**
 * The byte range of a `Range` header. Null: the whole file, also for several ranges, which a server does not have to support (RFC
 * 9110 §14.2). `unsatisfiable`: the range starts after the end of the file.
 */
export function rangeIn(header: string | undefined, sizeBytes: number): ByteRange | null | 'unsatisfiable' {
  const [, from, to] = ONE.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return null
  if (from === '') {
    const length = Number(to)
    return length === 0 || sizeBytes === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 }
  }
  const start = Number(from)
  const end = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (start >= sizeBytes) return 'unsatisfiable'
  // A range that ends before it starts is invalid and ignored.
  return end < start ? null : { start, end }
}
