import type { Artifacts, Log } from '../../../plugin/contract/host.ts'
import { PATIENCE, S3Bucket, type Patience } from './bucket.ts'
import { keptOn } from './kept-artifacts.ts'
import { MOST_BYTES_OF_ORG } from './rooms.ts'
import type { S3Settings } from './s3-settings.ts'
import type { Shelf } from './shelf.ts'

/** What the artifacts in a bucket are opened with. */
export type S3ArtifactParts = {
  readonly log: Log
  /** How long the server may take; as long as is of use unless said otherwise. */
  readonly patience?: Patience
  /** In milliseconds; the machine's clock unless said otherwise. */
  readonly now?: () => number
  /** What each org may keep. */
  readonly mostBytes?: number
}

const DAY_MS = 86_400_000
/** Below the prefix. Nothing else in the bucket is ours to touch. */
const OURS = /^[A-Za-z0-9_-]{1,64}\/bytes\/[0-9a-f]{64}$/

/**
 * Artifacts in a bucket: each org's names lie below the prefix and its own name. What is there is whole, since a server
 * shows a file when its last part has come, and the host completes none that it could not verify. Whether the bucket can be
 * reached shows with the first file: a host starts without it.
 */
export function openS3Artifacts(
  settings: S3Settings,
  { log, patience = PATIENCE, now = Date.now, mostBytes = MOST_BYTES_OF_ORG }: S3ArtifactParts,
): { readonly artifacts: Artifacts; readonly close: () => void } {
  const { prefix } = settings
  const bucket = new S3Bucket(settings, { log, patience })
  const sweep = createSweep({ bucket, prefix, log, now })
  sweep()
  const artifacts = keptOn(org => shelfIn(bucket, `${prefix}${org}/`), mostBytes)
  return {
    artifacts: {
      ...artifacts,
      put(...handedOver) {
        sweep()
        return artifacts.put(...handedOver)
      },
    },
    close: () => bucket.close(),
  }
}

function shelfIn(bucket: S3Bucket, place: string): Shelf {
  const keyOf = (name: string): string => place + name
  return {
    readText: name => bucket.readText(keyOf(name)),
    writeText: (name, text) => bucket.writeText(keyOf(name), text),
    holds: async (name, sizeBytes) => (await bucket.sizeOf(keyOf(name))) === sizeBytes,
    writeBytes: (name, content) => bucket.writeFile(keyOf(name), content),
    list: folder => bucket.firstIn(`${keyOf(folder)}/`),
    sizeOf: folder => bucket.sizeBelow(`${keyOf(folder)}/`),
    remove: name => bucket.remove(keyOf(name)),
    openBytes: (name, range) => bucket.openFile(keyOf(name), range),
  }
}

type SweepParts = {
  readonly bucket: S3Bucket
  readonly prefix: string
  readonly log: Log
  readonly now: () => number
}

/**
 * Gives up the uploads that killed processes have left half, at the start and then once a day at most. They cost room and
 * nothing else, so only those go that are a day old: no host takes as long over a file, and what another one writes into
 * the same bucket is not cut off.
 */
function createSweep({ bucket, prefix, log, now }: SweepParts): () => void {
  let sweptAt = Number.NEGATIVE_INFINITY
  const run = async (before: number): Promise<void> => {
    let count = 0
    for await (const upload of bucket.halfUploads(prefix)) {
      if (upload.begunAt >= before || !OURS.test(upload.key.slice(prefix.length))) continue
      await bucket.giveUp(upload)
      count += 1
    }
    if (count > 0) log.info({ count }, 'artifacts.leftovers_removed')
  }
  return () => {
    const at = now()
    if (at - sweptAt < DAY_MS) return
    sweptAt = at
    // The bucket has logged why not; they can wait another day.
    run(at - DAY_MS).catch(() => undefined)
  }
}
