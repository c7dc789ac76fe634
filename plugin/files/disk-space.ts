import { statfs } from 'node:fs/promises'

/** With less free space than this, not even a few messages can be written. */
const LEAST_BYTES = 1_048_576

/**
 * The free space of the disks of these folders, in bytes: that of the disk with the least. null if the system does not report it.
 */
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

/** Whether the disk counts as full. */
export const isFull = (freeBytes: number | null): boolean => freeBytes !== null && freeBytes < LEAST_BYTES
