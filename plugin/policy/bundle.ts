import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { extract } from 'tar-stream'

const MODULE = /^\/?policy\.wasm$/
const MOST_BYTES = 64 * 1_048_576

/** Reads the module from a bundle made by `opa build -t wasm`; null when the bundle has none or is not such a bundle. */
export async function moduleIn(bundle: Uint8Array): Promise<Uint8Array | null> {
  const found: Buffer[] = []
  let sizeBytes = 0
  const entries = extract()
  entries.on('entry', ({ name }, content, next) => {
    content.on('data', chunk => {
      if (!Buffer.isBuffer(chunk)) return
      sizeBytes += chunk.length
      if (sizeBytes > MOST_BYTES) entries.destroy(new Error('too large'))
      else if (MODULE.test(name)) found.push(chunk)
    })
    content.on('end', next)
  })
  try {
    await pipeline(Readable.from([bundle]), createGunzip(), entries)
  } catch {
    return null
  }
  return found.length === 0 ? null : Buffer.concat(found)
}
