import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { PolicyProblem } from '../../contract/policy.ts'
import { moduleIn } from '../bundle.ts'
import { MOST_PROBLEMS, problemsOf, sourceNameOf, UNEXPLAINED } from './compiler-problems.ts'
import { ROOT } from '../engine.ts'
import { INPUT_SCHEMA } from '../input.ts'
import { type CompilerRun, NO_COMPILER, type OpaBinary } from './opa-binary.ts'
import { regoVersionOf } from './rego-version.ts'

/** The source of a policy. */
export type PolicySource = { readonly name: string; readonly source: string }

/** The result of compiling sources. */
export type Compiled =
  | { readonly status: 'compiled'; readonly module: Uint8Array }
  | { readonly status: 'refused'; readonly problems: readonly PolicyProblem[] }

/** The sources, the folder and the compiler of one run. */
type Work = { readonly folder: string; readonly sources: readonly PolicySource[]; readonly opa: OpaBinary }

type Refused = Extract<Compiled, { status: 'refused' }>

/** An annotation as `opa inspect --annotations` reports it. */
type Annotated = { annotations?: { schemas?: unknown }; location?: { file?: string; row?: number; col?: number } }

const SOURCES = 'sources'
const CAPABILITIES = 'capabilities.json'
const REFERS =
  'an annotation with "schemas" is not taken: it can name files and addresses, which nobody opens for a policy'

const refusedBecause = (message: string): Refused => ({
  status: 'refused',
  problems: [{ file: '', row: null, column: null, message }],
})

function refusal(run: CompilerRun): Refused {
  const problems = problemsOf(run)
  if (problems.length > 0) return { status: 'refused', problems }
  return refusedBecause(run.refusal ?? UNEXPLAINED)
}

/** The annotations that it reported; null when its output cannot be read. */
function answerOf<Answer extends object>({ ok, stdout }: CompilerRun): Answer | null {
  try {
    return ok ? (JSON.parse(stdout) as Answer) : null
  } catch {
    return null
  }
}

/** Writes the sources as a bundle that names each source's version of Rego, so that versions can be mixed. */
async function layOut(folder: string, sources: readonly PolicySource[]): Promise<void> {
  await mkdir(join(folder, SOURCES))
  const versions: Record<string, number> = {}
  for (const { name, source } of sources) {
    await writeFile(join(folder, SOURCES, `${name}.rego`), source)
    versions[`/${name}.rego`] = regoVersionOf(source)
  }
  const manifest = { roots: [ROOT], rego_version: 0, file_rego_versions: versions }
  await writeFile(join(folder, SOURCES, '.manifest'), JSON.stringify(manifest))
  await writeFile(join(folder, 'input.json'), JSON.stringify(INPUT_SCHEMA))
}

/** All capabilities of this compiler except network access. */
async function layOutCapabilities({ folder, opa }: Work): Promise<Refused | null> {
  const asked = await opa.run(['capabilities', '--current'], folder)
  const capabilities = answerOf(asked)
  if (!capabilities) return refusal(asked)
  await writeFile(join(folder, CAPABILITIES), JSON.stringify({ ...capabilities, allow_net: [] }))
  return null
}

/**
 * Refuses sources that refer to anything outside of themselves. The compiler opens the file or address that a schema annotation
 * names, so the annotations are listed and checked before it compiles anything.
 */
async function unreferring(work: Work): Promise<Refused | null> {
  const inspected = await work.opa.run(['inspect', '--annotations', '--format', 'json', SOURCES], work.folder)
  const answer = answerOf<{ annotations?: Annotated[] | null }>(inspected)
  if (!answer) return unparsed(inspected, work)
  const refer = (answer.annotations ?? []).filter(({ annotations: { schemas } = {} }) => schemas !== undefined)
  const problems = refer.slice(0, MOST_PROBLEMS).map(({ location }) => ({
    file: sourceNameOf(location?.file),
    row: location?.row ?? null,
    column: location?.col ?? null,
    message: REFERS,
  }))
  return problems.length === 0 ? null : { status: 'refused', problems }
}

/** Why the sources cannot be parsed. Only `opa parse` reports columns, and it opens nothing either. */
async function unparsed(inspected: CompilerRun, { folder, opa, sources }: Work): Promise<Refused> {
  const refused = refusal(inspected)
  const [first] = refused.problems
  const source = sources.find(({ name }) => name === first?.file)
  if (!source || first?.row === null) return refused
  const version = regoVersionOf(source.source) === 0 ? ['--v0-compatible'] : []
  const precise = refusal(await opa.run(['parse', ...version, '-f', 'json', `${SOURCES}/${source.name}.rego`], folder))
  return precise.problems[0]?.row === first?.row ? precise : refused
}

async function compileIn(work: Work): Promise<Compiled> {
  const refused = (await unreferring(work)) ?? (await layOutCapabilities(work))
  if (refused) return refused
  const { opa, folder } = work
  const bound = ['--bundle', '--capabilities', CAPABILITIES]
  const checked = await opa.run(['check', ...bound, '-s', 'input.json', '--format', 'json', SOURCES], folder)
  if (!checked.ok) return refusal(checked)
  const built = await opa.run(['build', '-t', 'wasm', ...bound, '-e', ROOT, '-o', 'out.tar.gz', SOURCES], folder)
  if (!built.ok) return refusal(built)
  const module = await moduleIn(await readFile(join(folder, 'out.tar.gz')))
  return module ? { status: 'compiled', module } : refusedBecause('The compiler gave no module.')
}

/** Compiles the sources of an org's policies into one module, in a temporary folder. */
export async function compile(sources: readonly PolicySource[], opa: OpaBinary): Promise<Compiled> {
  if (!opa.isThere()) return refusedBecause(NO_COMPILER)
  const folder = await mkdtemp(join(tmpdir(), 'agentcy-policies-'))
  try {
    await layOut(folder, sources)
    return await compileIn({ folder, sources, opa })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
