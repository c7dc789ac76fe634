import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'

import type { FileKeys } from './file-keys.ts'

/** The hashes of a file, as its message names them. */
export type FileHashes = { readonly fileSha256: Uint8Array; readonly fileEncSha256: Uint8Array }

/** Decrypts a file in chunks, and checks at the end whether it is the file that its message announced. */
export type Opening = {
  readonly take: (chunk: Uint8Array) => Uint8Array
  /** The last bytes, and the hash of the file; null when anything about the file is wrong: then none of it may be used. */
  readonly end: () => { readonly rest: Uint8Array; readonly sha256: string } | null
}

/** WhatsApp appends this many bytes of the authentication code to the ciphertext. */
export const MAC_BYTES = 10

export function createOpening({ iv, cipherKey, macKey }: FileKeys, hashes: FileHashes): Opening {
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey).update(iv)
  const [sealed, plain] = [createHash('sha256'), createHash('sha256')]
  let held = Buffer.alloc(0)
  const kept = (bytes: Buffer): Buffer => {
    plain.update(bytes)
    return bytes
  }
  return {
    take: chunk => {
      sealed.update(chunk)
      held = Buffer.concat([held, chunk])
      const body = held.subarray(0, Math.max(0, held.length - MAC_BYTES))
      held = held.subarray(body.length)
      mac.update(body)
      return kept(decipher.update(body))
    },
    end: () => {
      try {
        if (!timingSafeEqual(mac.digest().subarray(0, MAC_BYTES), held)) return null
        const rest = kept(decipher.final())
        const sha256 = plain.digest()
        const isWhole = sealed.digest().equals(hashes.fileEncSha256) && sha256.equals(hashes.fileSha256)
        return isWhole ? { rest, sha256: sha256.toString('hex') } : null
      } catch {
        return null
      }
    },
  }
}
