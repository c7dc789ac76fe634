import { readFileSync } from 'node:fs'

import { childrenOf } from './process-tree.ts'

/** How much memory a process and its children have at the most, looked at often enough for files of megabytes. */
export type MemoryWatch = Disposable & {
  /** In bytes, since it began. */
  growth(): number
}

const EACH_MS = 25
const PAGE_BYTES = 4_096

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
  } catch {
    return 0
  }
}

export async function watchMemory(pid: number): Promise<MemoryWatch> {
  const pids = [pid, ...(await childrenOf(pid))]
  const together = (): number => pids.reduce((sum, each) => sum + residentBytes(each), 0)
  const before = together()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, together())), EACH_MS)
  return { growth: () => most - before, [Symbol.dispose]: () => clearInterval(timer) }
}
