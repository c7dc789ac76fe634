import type { Phone } from '../contract/ids.ts'

/** WhatsApp's spellings of numbers that rules name; null for a number that is not on WhatsApp. */
export type Spellings = ReadonlyMap<Phone, Phone | null>

/** No number was looked up. */
export const NO_SPELLINGS: Spellings = new Map()

/**
 * Pairs of patterns for the two spellings of one line, each derived from the other. Brazil: the ninth digit, which mobile numbers
 * of eight digits got from 2012 to 2016 (landline numbers begin with 2 to 5 and did not). Mexico: the 1 that was dialled before
 * mobile numbers from abroad until 2019. Argentina: the 9, which still is. WhatsApp has kept one or the other.
 */
const TWINS: readonly (readonly [RegExp, string])[] = [
  [/^\+55(\d\d)9([6-9]\d{7})$/, '+55$1$2'],
  [/^\+55(\d\d)([6-9]\d{7})$/, '+55$19$2'],
  [/^\+521(\d{10})$/, '+52$1'],
  [/^\+52(\d{10})$/, '+521$1'],
  [/^\+549([1-8]\d{9})$/, '+54$1'],
  [/^\+54([1-8]\d{9})$/, '+549$1'],
]

/** The other spelling that WhatsApp may have for a number; null if there is none. Only WhatsApp can tell whether it does. */
export function twinOf(phone: Phone): Phone | null {
  for (const [pattern, other] of TWINS) if (pattern.test(phone)) return phone.replace(pattern, other) as Phone
  return null
}

/** Whether a named number is a person's number; `unknown` if it may be another spelling and WhatsApp was not asked. */
export function isNumber(named: Phone, phone: Phone, spellings: Spellings): 'yes' | 'no' | 'unknown' {
  if (named === phone || spellings.get(named) === phone) return 'yes'
  return !spellings.has(named) && twinOf(named) === phone ? 'unknown' : 'no'
}
