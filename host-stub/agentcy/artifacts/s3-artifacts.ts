import type { Artifacts, Log } from '../../../plugin/contract/host.ts'
import { PATIENCE, S3Bucket, type Patience } from './bucket.ts'
import { keptOn } from './kept-artifacts.ts'
import { MOST_BYTES_OF_ORG } from './quotas.ts'
import type { S3Settings } from './s3-settings.ts'
import type { OrgFiles } from './org-files.ts'

/** What the artifacts in a bucket are opened with. */
export type S3ArtifactParts = {
  readonly log: Log
  /** The timeouts for the server; PATIENCE by default. */
  readonly patience?: Patience
  /** The clock in milliseconds; the machine's clock by default. */
  readonly now?: () => number
  /** The quota of each org. */
  readonly mostBytes?: number
}

const DAY_MS = 86_400_000
/** Our keys below the prefix. No other key in the bucket may be touched. */
const OURS = /^[A-Za-z0-9_-]{1,64}\/bytes\/[0-9a-f]{64}$/

/**
 * Stores artifacts in a bucket, each org below the prefix and its own name. Stored files are complete, because a server shows a
 * file only after its last part, and the host completes no file that it could not verify. The host starts even if the bucket cannot
 * be reached; this shows with the first file.
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

function shelfIn(bucket: S3Bucket, place: string): OrgFiles {
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
 * Aborts the incomplete uploads that killed processes have left, at the start and then at most once a day. They only cost storage,
 * so only those older than a day are aborted: no host needs that long for a file, and running uploads of another host to the same
 * bucket are left alone.
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
    // The bucket has logged the failure; the sweep is repeated a day later.
    run(at - DAY_MS).catch(() => undefined)
  }
}
