import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { z } from 'zod'

/** What the processes of a contender have used: the sum of all, and what only the one that speaks WhatsApp did. */
export type Usage = {
  readonly cpuMs: number
  readonly rssBytes: number
  readonly peakRssBytes: number
  readonly loopP99Ms: number
  readonly loopMaxMs: number
}

const seen = z.object({
  pid: z.number(),
  isGateway: z.boolean(),
  rssBytes: z.number(),
  peakRssBytes: z.number(),
  cpuMs: z.number(),
  loopP99Ms: z.number(),
  loopMaxMs: z.number(),
})

/** Longer than the probes wait between two writings. */
const freshMs = 450

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const readAll = (folder: string) =>
  readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .map(name => seen.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
    .filter(({ pid }) => lives(pid))

/** Begins peaks and delays anew. */
export function resetUsage(folder: string): void {
  for (const { pid } of readAll(folder)) process.kill(pid, 'SIGUSR2')
}

export async function readUsage(folder: string): Promise<Usage> {
  await pause(freshMs)
  const all = readAll(folder)
  const speaker = all.find(({ isGateway }) => isGateway) ?? all[0]
  return {
    cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssBytes: speaker?.rssBytes ?? Number.NaN,
    peakRssBytes: speaker?.peakRssBytes ?? Number.NaN,
    loopP99Ms: speaker?.loopP99Ms ?? Number.NaN,
    loopMaxMs: speaker?.loopMaxMs ?? Number.NaN,
  }
}
