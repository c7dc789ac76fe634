import { toNumber } from '@whiskeysockets/baileys'

/** A count from protobuf or an attribute: null when it is absent, negative or too large to be exact. */
export function wholeNumber(written: unknown): number | null {
  if (written === null || written === undefined) return null
  const number = typeof written === 'string' ? Number(written) : toNumber(written as Parameters<typeof toNumber>[0])
  return Number.isSafeInteger(number) && number >= 0 ? number : null
}

/** A point in time in ms, read from seconds; null when it is absent, or 0, which protobuf writes for absent. */
export function instantOf(seconds: unknown): number | null {
  const whole = wholeNumber(seconds)
  return whole && Number.isSafeInteger(whole * 1_000) ? whole * 1_000 : null
}
