import type { ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'

const LOW = 10

/**
 * Gives a child process a lower priority than everything else on the machine. Does nothing if the process has ended or did not
 * start.
 */
export function lowerPriority({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return
  try {
    setPriority(pid, LOW)
  } catch {
    // The process has ended already, or the system does not permit a change.
  }
}
