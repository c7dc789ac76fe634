import { createDecipheriv, hkdfSync } from 'node:crypto'

/** Encrypted content that only a device can read that has the message which it is about. */
export type Sealed = {
  /** The names that its phone may have used for its purpose; one of them is part of the key. */
  readonly uses: readonly string[]
  /** The stanza id of the message which it is about. */
  readonly target: string
  readonly payload: Uint8Array
  readonly iv: Uint8Array
}

/** What it may have been sealed with: the secret of the message, and the JIDs that may stand for either person. */
export type Seal = {
  readonly secret: Uint8Array
  readonly authors: readonly string[]
  readonly modifiers: readonly string[]
}

const KEY_BYTES = 32
const TAG_BYTES = 16

/**
 * The plaintext; null if no combination opens it. The key is derived from the secret for the id, both people and the use
 * (whatsmeow, msgsecret.go). Votes and answers to events are also bound to the id and the sender, and sources do not agree on what
 * else is.
 */
export function openSeal(sealed: Sealed, { secret, authors, modifiers }: Seal): Uint8Array | null {
  const { uses, target } = sealed
  for (const use of uses) {
    for (const modifier of modifiers) {
      for (const author of authors) {
        const key = hkdfSync('sha256', secret, '', `${target}${author}${modifier}${use}`, KEY_BYTES)
        const plain =
          deciphered(sealed, Buffer.from(key), '') ?? deciphered(sealed, Buffer.from(key), `${target}\0${modifier}`)
        if (plain) return plain
      }
    }
  }
  return null
}

function deciphered({ payload, iv }: Sealed, key: Uint8Array, bound: string): Uint8Array | null {
  if (payload.length < TAG_BYTES || iv.length === 0) return null
  try {
    const end = payload.length - TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAuthTag(payload.subarray(end))
    if (bound !== '') decipher.setAAD(Buffer.from(bound))
    return Buffer.concat([decipher.update(payload.subarray(0, end)), decipher.final()])
  } catch {
    return null
  }
}
