import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The processes that can be made to die; `stock` is the bare bot of the control run. */
export type Role = 'host' | 'gateway' | 'stock'

/**
 * Where a life ends: at its n-th crossing, or at the count-th of one kind, counted from its beginning or from the sign on;
 * null when it is left alive.
 */
export type End = number | { readonly kind: string; readonly count: number; readonly onSign?: true } | null

/** For each role, the end of its first life, of its second, and so on; lives that are not named are left alone. */
export type CrashPlan = Partial<Record<Role, readonly End[]>>

/** A death that happened as planned. */
export type Death = { readonly role: string; readonly life: number; readonly crossing: number; readonly kind: string }

/** What the processes of one run crossed, read from the folder they wrote it into. */
export type Crossings = {
  /** The kinds of crossings of one life, in order; empty when there was no such life. */
  of(role: Role, life: number): readonly string[]
  readonly deaths: readonly Death[]
}

const PRELOAD = new URL('./crash-points.mjs', import.meta.url).href

/** The variables that make a process, and the gateway it forks, follow the plan in this folder. */
export function crashEnvironment(folder: string, role: Role): Record<string, string> {
  return { NODE_OPTIONS: `--import ${PRELOAD}`, CRASH_POINTS: folder, CRASH_ROLE: role }
}

/** Puts a plan into the folder of a run. */
export function writePlan(folder: string, plan: CrashPlan): void {
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan))
}

/** From now on the crossings count for the ends that wait for it. */
export const giveSign = (folder: string): void => writeFileSync(join(folder, 'sign'), '')

/** The lives that begin from now on wait for it again. */
export const takeSignBack = (folder: string): void => unlinkSync(join(folder, 'sign'))

/** Reads all of it at once: the folder may be gone afterwards. */
export function readCrossings(folder: string): Crossings {
  const lines = (name: string): string[] => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)
  const suffix = '.crossings'
  const lives = new Map(
    readdirSync(folder)
      .filter(name => name.endsWith(suffix))
      .map(name => [name.slice(0, -suffix.length), lines(name)] as const),
  )
  const deaths = existsSync(join(folder, 'deaths')) ? lines('deaths').map(deathOf) : []
  return { of: (role, life) => lives.get(`${role}-${life}`) ?? [], deaths }
}

function deathOf(line: string): Death {
  const [role = '', life, crossing, ...kind] = line.split(' ')
  return { role, life: Number(life), crossing: Number(crossing), kind: kind.join(' ') }
}
