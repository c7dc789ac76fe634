import { randomBytes } from 'node:crypto'

/** Generates an id in the format of the phones of this network. */
export function makeMessageId(): string {
  return `3A${randomBytes(15).toString('hex').toUpperCase()}`
}
