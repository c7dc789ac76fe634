import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { packageRoot } from '../files/package-root.ts'
import type { PolicySource } from './compiler/compiler.ts'

/** The policies that an org begins with. */
export type Starters = {
  readonly sources: readonly PolicySource[]
  /** The sources compiled, so that an org that has not changed them needs no compiler. */
  readonly module: Uint8Array
}

const NAMES = ['agentcy', 'api', 'connectors', 'tools'] as const

const starterFile = (name: string): string => join(packageRoot(), 'plugin', 'policy', 'starter', name)

export const readStarterSources = (): Promise<PolicySource[]> =>
  Promise.all(NAMES.map(async name => ({ name, source: await readFile(starterFile(`${name}.rego`), 'utf8') })))

/** Reads the starters from this package. */
export const readStarters = async (): Promise<Starters> => ({
  sources: await readStarterSources(),
  module: await readFile(starterFile('starter.wasm')),
})
