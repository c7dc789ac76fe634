import { createCipheriv, createHash, createHmac } from 'node:crypto'

import type { FileKeys } from './file-keys.ts'
import { MAC_BYTES, type FileHashes } from './decrypt.ts'

/** Encrypts a file in chunks. */
export type Sealing = {
  readonly take: (chunk: Uint8Array) => Uint8Array
  /** The last bytes, and what the message says of the file. */
  readonly end: () => FileHashes & { readonly rest: Uint8Array; readonly fileLength: number }
}

export function createSealing({ iv, cipherKey, macKey }: FileKeys): Sealing {
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey).update(iv)
  const [sealed, plain] = [createHash('sha256'), createHash('sha256')]
  let fileLength = 0
  const authenticated = (bytes: Buffer): Buffer => {
    mac.update(bytes)
    sealed.update(bytes)
    return bytes
  }
  return {
    take: chunk => {
      fileLength += chunk.length
      plain.update(chunk)
      return authenticated(cipher.update(chunk))
    },
    end: () => {
      const last = authenticated(cipher.final())
      const code = mac.digest().subarray(0, MAC_BYTES)
      const fileEncSha256 = sealed.update(code).digest()
      return { rest: Buffer.concat([last, code]), fileSha256: plain.digest(), fileEncSha256, fileLength }
    },
  }
}
