import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { expect } from 'vitest'
import { z } from 'zod'

const HOOK = new URL('./work-hook.mjs', import.meta.url).href

/** What is counted; `statements` without those that begin and end transactions. */
export const COUNTED = ['statements', 'transactions', 'flushes', 'ipc_sent', 'ipc_received'] as const

const file = z.object({ counts: z.record(z.enum(COUNTED), z.number()), kinds: z.record(z.string(), z.number()) })

/** What one process has done so far. */
export type Counts = Record<(typeof COUNTED)[number], number>
export type Pids = { readonly host: number; readonly gateway: number }

/** The variables that have a host and its gateway count their work, into this folder when they are asked. */
export const workEnvironment = (folder: string): Record<string, string> => ({
  NODE_OPTIONS: `--import ${HOOK}`,
  WORK_COUNTS: folder,
})

/** What a host and its gateway have counted so far. */
export async function readCounts(folder: string, pids: Pids): Promise<Record<keyof Pids, Counts>> {
  const [host, gateway] = await Promise.all([ask(folder, pids.host), ask(folder, pids.gateway)])
  return { host, gateway }
}

async function ask(folder: string, pid: number): Promise<Counts> {
  const path = join(folder, `${pid}.json`)
  rmSync(path, { force: true })
  process.kill(pid, 'SIGUSR2')
  await expect.poll(() => existsSync(path), { interval: 5 }).toBe(true)
  return file.parse(JSON.parse(readFileSync(path, 'utf8'))).counts
}
