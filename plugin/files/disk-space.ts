import { statfs } from 'node:fs/promises'

/** With less than this, not even a few messages can be written. */
const LEAST_BYTES = 1_048_576

/** How much room there is on the disks of these folders, in bytes: on the one that has least. Null: the system does not say. */
export async function freeBytesOf(folders: readonly string[]): Promise<number | null> {
  const free = await Promise.all(
    folders.map(folder =>
      statfs(folder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => Number.POSITIVE_INFINITY,
      ),
    ),
  )
  const least = Math.min(...free)
  return Number.isFinite(least) ? least : null
}

/** Whether so little is as good as nothing. */
export const isFull = (freeBytes: number | null): boolean => freeBytes !== null && freeBytes < LEAST_BYTES
