import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** The processes whose parent is `pid`, from /proc. */
export async function childrenOf(pid: number): Promise<number[]> {
  const all = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const parents = await Promise.all(all.map(async each => ({ each, parent: await parentOf(each) })))
  return parents.filter(({ parent }) => parent === pid).map(({ each }) => each)
}

async function parentOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // The command's name stands in brackets and may hold anything.
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** Whether the process is there; one that has ended and was not reaped is not. */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return stat !== null && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
}

/** Those of the processes that are still there after this time; returns as soon as none is. */
export async function remainingAfter(pids: readonly number[], withinMs: number): Promise<number[]> {
  const end = Date.now() + withinMs
  for (;;) {
    const alive = await Promise.all(pids.map(async pid => ({ pid, there: await lives(pid) })))
    const remaining = alive.filter(({ there }) => there).map(({ pid }) => pid)
    if (remaining.length === 0 || Date.now() >= end) return remaining
    await pause(50)
  }
}
