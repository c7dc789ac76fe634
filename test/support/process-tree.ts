import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

/** The sockets of a process that wait for connections, by inode. */
export function listeningSockets(pid: number): string[] {
  const proc = `/proc/${pid}`
  const LISTEN = '0A'
  const open = readdirSync(join(proc, 'fd')).map(
    fd => /^socket:\[(\d+)\]$/.exec(readlinkSync(join(proc, 'fd', fd)))?.[1],
  )
  const rows = ['tcp', 'tcp6'].flatMap(name =>
    readFileSync(join(proc, 'net', name), 'utf8')
      .split('\n')
      .slice(1),
  )
  const listening = rows.map(row => row.trim().split(/\s+/)).filter(([, , , state]) => state === LISTEN)
  return listening.map(row => row[9] ?? '').filter(inode => open.includes(inode))
}
