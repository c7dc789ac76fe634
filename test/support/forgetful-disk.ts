import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PRELOAD = new URL('./forgetful-disk.mjs', import.meta.url).href

/** The variables that give a host, and the gateway it forks, a disk that forgets with the power what was not flushed. */
export function forgetfulDisk(folder: string): { env: Record<string, string>; cutPower: () => void } {
  mkdirSync(folder)
  return {
    env: { NODE_OPTIONS: `--import ${PRELOAD}`, FORGETFUL_DISK: folder },
    /** To be called before both processes are killed: the next start finds what the disk holds. */
    cutPower: () => writeFileSync(join(folder, 'power-cut'), ''),
  }
}
