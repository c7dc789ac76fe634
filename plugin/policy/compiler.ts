import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { PolicyProblem } from '../contract/policy.ts'
import { moduleIn } from './bundle.ts'
import { ROOT } from './engine.ts'
import { INPUT_SCHEMA } from './input.ts'
import type { CompilerRun, OpaBinary } from './opa-binary.ts'
import { NO_COMPILER } from './opa-binary.ts'
import { regoVersionOf } from './rego-version.ts'

/** A policy as it is written. */
export type PolicySource = { readonly name: string; readonly source: string }

/** What became of sources. */
export type Compiled =
  | { readonly status: 'compiled'; readonly module: Uint8Array }
  | { readonly status: 'refused'; readonly problems: readonly PolicyProblem[] }

type OpaProblem = { message: string; location?: { file?: string; row?: number; col?: number } }

const SOURCES = 'sources'
const MOST_PROBLEMS = 10
const FOREIGN = /do not permit 'package ([^']+)' in module '([^']+)'/
const TEXT_LINE = /(?:^|\s)(?:[^\s:]*\/)?([\w-]+)\.rego:(\d+): (.+)$/

const refusedBecause = (message: string): Compiled => ({
  status: 'refused',
  problems: [{ file: '', row: null, column: null, message }],
})

const nameOf = (file: string | undefined): string => /([\w-]+)\.rego$/.exec(file ?? '')?.[1] ?? ''

function problemOf({ message, location }: OpaProblem): PolicyProblem {
  const [, foreign, file] = FOREIGN.exec(message) ?? []
  if (foreign !== undefined) {
    const why = `package ${foreign} is not ${ROOT} nor below it, so nobody would ask it`
    return { file: nameOf(file), row: null, column: null, message: why }
  }
  return { file: nameOf(location?.file), row: location?.row ?? null, column: location?.col ?? null, message }
}

/** What the compiler found, as `--format json` says it; else line by line. */
function problemsOf({ stdout, stderr }: CompilerRun): PolicyProblem[] {
  try {
    const { errors = [] } = JSON.parse(stdout || stderr) as { errors?: OpaProblem[] }
    return errors.map(problemOf)
  } catch {
    return stderr.split('\n').flatMap(line => {
      const [, file = '', row, message = ''] = TEXT_LINE.exec(line) ?? []
      return row === undefined ? [] : [{ file, row: Number(row), column: null, message }]
    })
  }
}

function refusal(run: CompilerRun | null): Compiled {
  if (!run) return refusedBecause(NO_COMPILER)
  const problems = problemsOf(run).slice(0, MOST_PROBLEMS)
  if (problems.length > 0) return { status: 'refused', problems }
  if (run.stderr.startsWith('The compiler')) return refusedBecause(run.stderr)
  return refusedBecause('The compiler gave up: it was out of time or memory, or broke down.')
}

/** Lays the sources out as a bundle that says of each in which version of Rego it is written, so that they may be mixed. */
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

async function compileIn(folder: string, opa: OpaBinary): Promise<Compiled> {
  const checked = await opa.run(['check', '--bundle', '-s', 'input.json', '--format', 'json', SOURCES], folder)
  if (!checked?.ok) return refusal(checked)
  const built = await opa.run(['build', '-t', 'wasm', '--bundle', '-e', ROOT, '-o', 'out.tar.gz', SOURCES], folder)
  if (!built?.ok) return refusal(built)
  const module = await moduleIn(await readFile(join(folder, 'out.tar.gz')))
  return module ? { status: 'compiled', module } : refusedBecause('The compiler gave no module.')
}

/** Compiles the sources of an org's policies into one module, in a folder of its own that is gone afterwards. */
export async function compile(sources: readonly PolicySource[], opa: OpaBinary): Promise<Compiled> {
  if (!opa.isThere()) return refusedBecause(NO_COMPILER)
  const folder = await mkdtemp(join(tmpdir(), 'agentcy-policies-'))
  try {
    await layOut(folder, sources)
    return await compileIn(folder, opa)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
