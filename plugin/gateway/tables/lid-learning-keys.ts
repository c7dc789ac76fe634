import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys'

import { lidFromDigits, phoneFromDigits, type Person } from '../../contract/ids.ts'
import type { StoredKeys } from './stored-keys.ts'

/** Baileys stores each pair twice; this marks the row that leads from the LID back to the number. */
const REVERSE = /_reverse$/

/** What watching the keys needs. */
export type KeyWatch = {
  /** One transaction of the account's file. */
  readonly atomically: (write: () => void) => void
  readonly guard: <Result>(work: () => Result) => Result
  /** Resolves when everything that was committed is on the disk. */
  readonly durable: () => Promise<void>
  readonly learned: (person: Person) => void
  /** These tokens are about to be stored. */
  readonly tokens: (changes: Readonly<Record<string, unknown>>) => void
}

/** `set` resolves once the data is on the disk; `write` runs inside the caller's transaction. */
export type ObservedKeys = SignalKeyStore & StoredKeys

/**
 * The account's keys, watched for the address pairs that Baileys learns from envelopes, history, group lists and device queries:
 * all of them end up as `lid-mapping` rows. A pair is stored together with its rows.
 */
export function observedKeys(
  keys: StoredKeys,
  { atomically, guard, durable, learned, tokens }: KeyWatch,
): ObservedKeys {
  const write = (changes: SignalDataSet): void =>
    atomically(() => {
      if (changes.tctoken) tokens(changes.tctoken)
      keys.write(changes)
      for (const person of peopleIn(changes)) learned(person)
    })
  return {
    get: (type, ids) => guard(() => keys.get(type, ids)),
    write,
    set: async changes => {
      write(changes)
      await durable()
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
