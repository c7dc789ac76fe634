import type { Phone } from '../contract/ids.ts'

/** What WhatsApp answered of numbers that rules name: the number that it has for each, null when nobody has it. */
export type Spellings = ReadonlyMap<Phone, Phone | null>

/** Nothing was asked for. */
export const NO_SPELLINGS: Spellings = new Map()

/**
 * Pairs of patterns for one and the same line, each way of writing it made from the other: Brazil's ninth digit, which mobile
 * numbers of eight digits were given from 2012 to 2016 (those of landlines begin with 2 to 5, and were not); Mexico's 1, which
 * was dialled before mobile numbers from abroad until 2019; Argentina's 9, which is. WhatsApp has kept one or the other.
 */
const TWINS: readonly (readonly [RegExp, string])[] = [
  [/^\+55(\d\d)9([6-9]\d{7})$/, '+55$1$2'],
  [/^\+55(\d\d)([6-9]\d{7})$/, '+55$19$2'],
  [/^\+521(\d{10})$/, '+52$1'],
  [/^\+52(\d{10})$/, '+521$1'],
  [/^\+549([1-8]\d{9})$/, '+54$1'],
  [/^\+54([1-8]\d{9})$/, '+549$1'],
]

/** The other way in which WhatsApp may have a number; null when none is known. Whether it has is for WhatsApp to say. */
export function twinOf(phone: Phone): Phone | null {
  for (const [pattern, other] of TWINS) if (pattern.test(phone)) return phone.replace(pattern, other) as Phone
  return null
}

/** Whether a number that is named is the one that somebody has; `unknown` while WhatsApp was not asked, and may spell it so. */
export function isNumber(named: Phone, phone: Phone, spellings: Spellings): 'yes' | 'no' | 'unknown' {
  if (named === phone || spellings.get(named) === phone) return 'yes'
  return !spellings.has(named) && twinOf(named) === phone ? 'unknown' : 'no'
}
