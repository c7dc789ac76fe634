import { randomInt } from 'node:crypto'
import type { Account } from '../world/accounts.ts'
import type { Address } from '../wire/address.ts'
import { makeKeyPair } from '../crypto/keys.ts'
import { PhoneSignal } from '../crypto/phone-signal.ts'

/** The number of the device that WhatsApp hosts, the same in every account. */
export const hostedNumber = 99

/** Gives the account a device hosted by WhatsApp, with its own keys. */
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
  // A hosted device is its own `hosted`, so that it can be told from a phone.
  account.hosted = hosted.hosted = hosted
}

/** Whether the address is that of a hosted device: the number and the server must both match. */
export function isHosted({ server, device }: Address): boolean {
  return device === hostedNumber && (server === 'hosted' || server === 'hosted.lid')
}
