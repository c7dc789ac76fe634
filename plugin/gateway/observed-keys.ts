import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys'

import { lidFromDigits, phoneFromDigits, type Person } from '../contract/ids.ts'

/** Baileys keeps each pair twice; this marks the row that leads back from the LID. */
const REVERSE = /_reverse$/

/**
 * The account's keys, watched for the pairs of addresses that Baileys learns: from envelopes, history, group lists and
 * device queries alike, they all end up as `lid-mapping` rows.
 */
export function observedKeys(keys: SignalKeyStore, learned: (person: Person) => void): SignalKeyStore {
  return {
    get: (type, ids) => keys.get(type, ids),
    set: async changes => {
      await keys.set(changes)
      for (const person of peopleIn(changes)) learned(person)
    },
  }
}

function peopleIn(changes: SignalDataSet): Person[] {
  return Object.entries(changes['lid-mapping'] ?? {}).flatMap(([digits, other]) => {
    const phone = REVERSE.test(digits) ? null : phoneFromDigits(digits)
    const lid = lidFromDigits(other ?? '')
    return phone && lid ? [{ lid, phone }] : []
  })
}
