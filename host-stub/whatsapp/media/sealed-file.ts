import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileKeys, type FileFamily } from './media-keys.ts'

/** The fields of a message that identify its file. */
export interface SealedFile {
  mediaKey: Buffer
  fileSha256: Buffer
  fileEncSha256: Buffer
  fileLength: number
}

export const macBytes = 10

/** Encrypts a file as a phone does, and stores it in the folder under the hash of its ciphertext. */
export async function sealFile(
  plain: Readable,
  { family, folder }: { family: FileFamily; folder: string },
): Promise<SealedFile & { name: string }> {
  const mediaKey = randomBytes(32)
  const { iv, cipherKey, macKey } = fileKeys(mediaKey, family)
  const [plainHash, sealedHash, mac] = [
    createHash('sha256'),
    createHash('sha256'),
    createHmac('sha256', macKey).update(iv),
  ]
  let fileLength = 0
  const measure = passing(chunk => {
    fileLength += chunk.length
    plainHash.update(chunk)
  })
  const authenticate = passing(
    chunk => {
      mac.update(chunk)
      sealedHash.update(chunk)
    },
    () => {
      const tag = mac.digest().subarray(0, macBytes)
      sealedHash.update(tag)
      return tag
    },
  )
  const draft = join(folder, `${randomBytes(8).toString('hex')}.part`)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  await pipeline(plain, measure, cipher, authenticate, createWriteStream(draft, { mode: 0o600 }))
  const fileEncSha256 = sealedHash.digest()
  const name = fileEncSha256.toString('base64url')
  await rename(draft, join(folder, name))
  return { mediaKey, fileSha256: plainHash.digest(), fileEncSha256, fileLength, name }
}

/** Decrypts a file and checks everything that a phone checks. */
export async function openFile(
  path: string,
  sealed: SealedFile,
  family: FileFamily,
): Promise<{ sha256: string; head: Buffer }> {
  const { iv, cipherKey, macKey } = fileKeys(sealed.mediaKey, family)
  const { size } = await stat(path)
  const tag = await collect(createReadStream(path, { start: size - macBytes }))
  const [mac, sealedHash, plainHash] = [
    createHmac('sha256', macKey).update(iv),
    createHash('sha256'),
    createHash('sha256'),
  ]
  const head: Buffer[] = []
  let length = 0
  const authenticated = passing(chunk => {
    mac.update(chunk)
    sealedHash.update(chunk)
  })
  const measured = passing(chunk => {
    if (length < headBytes) head.push(chunk)
    length += chunk.length
    plainHash.update(chunk)
  })
  const ciphertext = createReadStream(path, { end: size - macBytes - 1 })
  const sink = new Transform({ transform: (_chunk, _encoding, done) => done() }).resume()
  await pipeline(ciphertext, authenticated, createDecipheriv('aes-256-cbc', cipherKey, iv), measured, sink)
  const found = plainHash.digest()
  if (!timingSafeEqual(mac.digest().subarray(0, macBytes), tag)) throw new Error('the file has a wrong mac')
  if (!sealedHash.update(tag).digest().equals(sealed.fileEncSha256)) throw new Error('the file is another one')
  if (!found.equals(sealed.fileSha256)) throw new Error('something else is in the file')
  if (length !== sealed.fileLength) throw new Error('the file has another length')
  return { sha256: found.toString('hex'), head: Buffer.concat(head).subarray(0, headBytes) }
}

const headBytes = 65_536

function passing(see: (chunk: Buffer) => void, last?: () => Buffer): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk)
      done(null, chunk)
    },
    flush(done) {
      done(null, last?.())
    },
  })
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
