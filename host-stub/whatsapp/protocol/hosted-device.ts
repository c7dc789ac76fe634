import { randomInt } from 'node:crypto'
import type { Account } from '../world/accounts.ts'
import type { Address } from '../wire/address.ts'
import { makeKeyPair } from '../crypto/keys.ts'
import { PhoneSignal } from '../crypto/phone-signal.ts'

/** The number that a device at WhatsApp itself has in every account. */
export const hostedNumber = 99

/** Gives the account a device at WhatsApp itself; its keys are its own. */
export function host(account: Account): void {
  if (account.hosted) return
  const identity = makeKeyPair()
  const hosted: Account = {
    ...account,
    name: `${account.name}:${hostedNumber}`,
    identity,
    signal: new PhoneSignal(identity, randomInt(1, 16_380)),
    companions: new Map(),
    missed: [],
    asked: new Map(),
    tail: Promise.resolve(),
  }
  // It stands for itself.
  account.hosted = hosted.hosted = hosted
}

/** Whether the address is that of such a device: its number and its server go together. */
export function isHosted({ server, device }: Address): boolean {
  return device === hostedNumber && (server === 'hosted' || server === 'hosted.lid')
}
