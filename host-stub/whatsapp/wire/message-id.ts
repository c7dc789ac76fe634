import { randomBytes } from 'node:crypto'

/** An id as the phones of this network make them. */
export function makeMessageId(): string {
  return `3A${randomBytes(15).toString('hex').toUpperCase()}`
}
