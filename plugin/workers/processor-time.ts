import { readFileSync } from 'node:fs'

/**
 * How long the first thread of a process has run on a processor; null where the system does not tell. On a busy machine a
 * process waits more than it runs, and what it computes is not to blame for that.
 */
export function ranMs(process: number): number | null {
  try {
    const [nanoseconds = ''] = readFileSync(`/proc/${process}/schedstat`, 'utf8').split(' ')
    const ran = Number(nanoseconds) / 1e6
    return ran > 0 ? ran : null
  } catch {
    return null
  }
}
