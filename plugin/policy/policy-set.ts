import { createHash } from 'node:crypto'

import type { OrgId } from '../contract/ids.ts'
import type { PolicyProblem } from '../contract/policy.ts'
import { moduleIn } from './bundle.ts'
import { compile, type PolicySource } from './compiler/compiler.ts'
import type { OpaBinary } from './compiler/opa-binary.ts'
import type { NamedModule, PolicyFiles } from './policy-folder.ts'
import type { PolicyEvaluator } from './policy-evaluator.ts'

/** The result of building an org's files. */
export type Built =
  | {
      readonly status: 'built'
      readonly modules: readonly NamedModule[]
      /** Whether they are exactly the starters of this package. */
      readonly isOurs: boolean
    }
  | { readonly status: 'refused'; readonly problems: readonly PolicyProblem[] }

/** What a build needs. */
export type Building = {
  readonly org: OrgId
  readonly opa: OpaBinary
  readonly evaluator: PolicyEvaluator
  /** The module that was built earlier under a name; null when there is none. */
  readonly known: (name: string) => Promise<Uint8Array | null>
}

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length} `).update(part)
  return hash.digest('hex')
}

const SOURCES = 'sources-'

/** The name of the module of these sources. The same sources have the same name. */
export const nameOfSources = (sources: readonly PolicySource[]): string =>
  `${SOURCES}${hashOf(...sources.flatMap(({ name, source }) => [name, source]))}`

/** Whether a module was compiled from sources by our compiler, and not uploaded. */
export const wasCompiledHere = ({ name }: NamedModule): boolean => name.startsWith(SOURCES)

const nameOfBundle = (bytes: Uint8Array): string => `bundle-${hashOf(bytes)}`

/** The name of a set of modules. */
export const setNameOf = (modules: readonly NamedModule[]): string => hashOf(...modules.map(({ name }) => name))

/** The names of the modules that the files are built into, in order. */
export const moduleNames = ({ sources, bundles }: PolicyFiles): string[] => [
  ...(sources.length > 0 ? [nameOfSources(sources)] : []),
  ...bundles.map(({ bytes }) => nameOfBundle(bytes)),
]

const whole = (file: string, message: string): Extract<Built, { status: 'refused' }> => ({
  status: 'refused',
  problems: [{ file, row: null, column: null, message }],
})

type Made = { readonly status: 'made'; readonly made: readonly NamedModule[] } | Extract<Built, { status: 'refused' }>

async function ofSources(sources: readonly PolicySource[], { opa, known }: Building): Promise<Made> {
  if (sources.length === 0) return { status: 'made', made: [] }
  const name = nameOfSources(sources)
  const before = await known(name)
  if (before) return { status: 'made', made: [{ name, bytes: before }] }
  const compiled = await compile(sources, opa)
  return compiled.status === 'refused' ? compiled : { status: 'made', made: [{ name, bytes: compiled.module }] }
}

/** Tries modules in a worker. They can be put into force together, or not at all. */
export async function tried(
  modules: readonly NamedModule[],
  { org, evaluator }: Pick<Building, 'org' | 'evaluator'>,
): Promise<Built> {
  const bytes = modules.map(module => module.bytes)
  const checked = bytes.length === 0 ? ({ status: 'fine' } as const) : await evaluator.check(org, bytes)
  return checked.status === 'fine' ? { status: 'built', modules, isOurs: false } : whole('', checked.why)
}

/** Builds the modules of the files: one of all sources, and one of each bundle. One bad file refuses all. */
export async function build({ sources, bundles }: PolicyFiles, building: Building): Promise<Built> {
  const outcome = await ofSources(sources, building)
  if (outcome.status === 'refused') return outcome
  const modules = [...outcome.made]
  for (const { name, bytes } of bundles) {
    const module = await moduleIn(bytes)
    if (!module) return whole(name, 'This is no bundle with a policy.wasm in it.')
    modules.push({ name: nameOfBundle(bytes), bytes: module })
  }
  return tried(modules, building)
}

/** The files with a source added, or replaced if there is one of its name. */
export function withSource(files: PolicyFiles, changed: PolicySource): PolicyFiles {
  const others = files.sources.filter(({ name }) => name !== changed.name)
  return { ...files, sources: [...others, changed].toSorted((left, right) => (left.name < right.name ? -1 : 1)) }
}

/** The files without the one of a name; null when there is none of that name. */
export function without({ sources, bundles }: PolicyFiles, name: string): PolicyFiles | null {
  const stays = (file: { readonly name: string }): boolean => file.name !== name
  if (sources.every(stays) && bundles.every(stays)) return null
  return { sources: sources.filter(stays), bundles: bundles.filter(stays) }
}
