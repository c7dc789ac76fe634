import { createHash, randomBytes } from 'node:crypto'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { MEDIA_KINDS } from '../../../../plugin/contract/content.ts'
import { fileKeysOf } from '../../../../plugin/gateway/media/file-keys.ts'
import { createOpening } from '../../../../plugin/gateway/media/decrypt.ts'
import { createSealing } from '../../../../plugin/gateway/media/encrypt.ts'

it('a file that is encrypted is opened as it was, in whatever pieces it comes, and with its own key alone', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      pieces,
      fc.constantFrom(...MEDIA_KINDS),
      fc.integer({ min: 1, max: 40 }),
      async (file, kind, cut) => {
        const keys = await fileKeysOf(randomBytes(32), kind)
        const sealing = createSealing(keys)
        const sealed = file.map(piece => sealing.take(piece))
        const { rest, fileLength, ...hashes } = sealing.end()
        const whole = Buffer.concat([...sealed, rest])
        const plain = Buffer.concat(file)
        expect(fileLength).toBe(plain.length)
        expect(Buffer.from(hashes.fileSha256)).toEqual(createHash('sha256').update(plain).digest())
        expect(Buffer.from(hashes.fileEncSha256)).toEqual(createHash('sha256').update(whole).digest())

        const opening = createOpening(keys, hashes)
        const opened: Uint8Array[] = []
        for (let at = 0; at < whole.length; at += cut) opened.push(opening.take(whole.subarray(at, at + cut)))
        const end = opening.end()
        expect(Buffer.concat([...opened, end?.rest ?? randomBytes(1)])).toEqual(plain)

        const stranger = createOpening(await fileKeysOf(randomBytes(32), kind), hashes)
        stranger.take(whole)
        expect(stranger.end()).toBeNull()
      },
    ),
    { numRuns: 50 },
  )
})

it('a file is refused for its authentication code alone, when both its hashes are right', async () => {
  const keys = await fileKeysOf(randomBytes(32), 'image')
  const sealing = createSealing(keys)
  const sealed = [sealing.take(randomBytes(100))]
  const { rest, fileSha256 } = sealing.end()
  const whole = Buffer.concat([...sealed, rest])
  whole.writeUInt8(whole.readUInt8(whole.length - 1) ^ 1, whole.length - 1)
  const opening = createOpening(keys, { fileSha256, fileEncSha256: createHash('sha256').update(whole).digest() })
  opening.take(whole)
  expect(opening.end()).toBeNull()
})
