import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys'

import { lidFromDigits, phoneFromDigits, type Person } from '../contract/ids.ts'

/** Baileys keeps each pair twice; this marks the row that leads back from the LID. */
const REVERSE = /_reverse$/

/** What the keys are watched with. */
export type KeyWatch = {
  /** One transaction of the account's file. */
  readonly atomically: (write: () => void) => void
  readonly guard: <Result>(work: () => Result) => Result
  readonly learned: (person: Person) => void
}

/**
 * The account's keys, watched for the pairs of addresses that Baileys learns: from envelopes, history, group lists and
 * device queries alike, they all end up as `lid-mapping` rows. A pair is kept together with its rows.
 */
export function observedKeys(keys: SignalKeyStore, { atomically, guard, learned }: KeyWatch): SignalKeyStore {
  return {
    get: (type, ids) => guard(() => keys.get(type, ids)),
    set: changes =>
      atomically(() => {
        void keys.set(changes)
        for (const person of peopleIn(changes)) learned(person)
      }),
  }
}

function peopleIn(changes: SignalDataSet): Person[] {
  return Object.entries(changes['lid-mapping'] ?? {}).flatMap(([digits, other]) => {
    const phone = REVERSE.test(digits) ? null : phoneFromDigits(digits)
    const lid = lidFromDigits(other ?? '')
    return phone && lid ? [{ lid, phone }] : []
  })
}
