import type { ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'

const LOW = 10

/** Lets everything else of the machine go before a process that was begun here. One that is gone, or was not begun, is left as it is. */
export function lowerPriority({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return
  try {
    setPriority(pid, LOW)
  } catch {
    // It has ended already, or the system does not let anybody say so.
  }
}
