import { readFileSync } from 'node:fs'

/**
 * How long the first thread of a process has run on a processor, in ms; null if the system does not report it. On a busy machine a
 * process waits more than it runs, and its work is not to blame for that.
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
