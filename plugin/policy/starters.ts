import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { packageRoot } from '../files/package-root.ts'
import type { PolicySource } from './compiler/compiler.ts'

/** The policies that an org begins with. */
export type Starters = {
  readonly sources: readonly PolicySource[]
  /** They, compiled: an org that has changed nothing needs no compiler. */
  readonly module: Uint8Array
}

const NAMES = ['agentcy', 'api', 'connectors', 'tools'] as const

const starterFile = (name: string): string => join(packageRoot(), 'plugin', 'policy', 'starter', name)

export const readStarterSources = (): Promise<PolicySource[]> =>
  Promise.all(NAMES.map(async name => ({ name, source: await readFile(starterFile(`${name}.rego`), 'utf8') })))

/** Reads what this package carries. */
export const readStarters = async (): Promise<Starters> => ({
  sources: await readStarterSources(),
  module: await readFile(starterFile('starter.wasm')),
})
