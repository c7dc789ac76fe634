import { createHash } from 'node:crypto'

import type { OrgId } from '../contract/ids.ts'
import type { PolicyProblem } from '../contract/policy.ts'
import { moduleIn } from './bundle.ts'
import { compile, type PolicySource } from './compiler/compiler.ts'
import type { OpaBinary } from './compiler/opa-binary.ts'
import type { NamedModule, PolicyFiles } from './policy-folder.ts'
import type { Asking } from './asking.ts'

/** What became of an org's files. */
export type Built =
  | {
      readonly status: 'built'
      readonly modules: readonly NamedModule[]
      /** Whether they are what this package carries. */
      readonly isOurs: boolean
    }
  | { readonly status: 'refused'; readonly problems: readonly PolicyProblem[] }

/** What modules are made with. */
export type Building = {
  readonly org: OrgId
  readonly opa: OpaBinary
  readonly asking: Asking
  /** What was made before under a name; null when nothing was. */
  readonly known: (name: string) => Promise<Uint8Array | null>
}

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length} `).update(part)
  return hash.digest('hex')
}

/** What the module of these sources is called: the same sources have the same one. */
export const nameOfSources = (sources: readonly PolicySource[]): string =>
  `sources-${hashOf(...sources.flatMap(({ name, source }) => [name, source]))}`

const nameOfBundle = (bytes: Uint8Array): string => `bundle-${hashOf(bytes)}`

/** What modules that decide together are called. */
export const setNameOf = (modules: readonly NamedModule[]): string => hashOf(...modules.map(({ name }) => name))

/** The names of what the files become, in order. */
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

/** Tries modules where they can do no harm: they come into force together, or not at all. */
export async function tried(
  modules: readonly NamedModule[],
  { org, asking }: Pick<Building, 'org' | 'asking'>,
): Promise<Built> {
  const bytes = modules.map(module => module.bytes)
  const checked = bytes.length === 0 ? ({ status: 'fine' } as const) : await asking.check(org, bytes)
  return checked.status === 'fine' ? { status: 'built', modules, isOurs: false } : whole('', checked.why)
}

/** Makes modules of the files: of the sources one, of each bundle its own. All of it is good, or nothing. */
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

/** The sources with one of them in place of the one of its name, or beside them. */
export function withSource(files: PolicyFiles, changed: PolicySource): PolicyFiles {
  const others = files.sources.filter(({ name }) => name !== changed.name)
  return { ...files, sources: [...others, changed].toSorted((left, right) => (left.name < right.name ? -1 : 1)) }
}

/** The files without those of a name; null when there are none. */
export function without({ sources, bundles }: PolicyFiles, name: string): PolicyFiles | null {
  const stays = (file: { readonly name: string }): boolean => file.name !== name
  if (sources.every(stays) && bundles.every(stays)) return null
  return { sources: sources.filter(stays), bundles: bundles.filter(stays) }
}
