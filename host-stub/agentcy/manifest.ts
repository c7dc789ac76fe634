import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'

/** Relative to the folder of the manifest. */
const SCHEMA = join('plugin', 'contract', 'manifest.schema.json')

/** The version of the API that this host offers to plugins. */
export const HOST_API_VERSION = '1.0.0'

/** A plugin's description of itself, read before any of its code runs. */
export type Manifest = {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly engines: { readonly node: string; readonly agentcy: string }
  readonly entry: string
  readonly hooks: { readonly activate: string; readonly reload: string; readonly deactivate: string }
  /** A JSON Schema of its settings, for editors; the plugin validates its settings itself. */
  readonly configSchema: Readonly<Record<string, unknown>>
  readonly contributes: {
    readonly channels: readonly { readonly id: string; readonly label: string }[]
    readonly procedures: readonly string[]
    readonly subscriptions: readonly string[]
    readonly routes: readonly { readonly method: string; readonly path: string }[]
  }
}

/** A valid manifest, or a sentence that says what is wrong with it. */
export type ReadManifest =
  | {
      readonly status: 'valid'
      readonly manifest: Manifest
      /** The module to load, inside the plugin's folder. */
      readonly entryFile: string
    }
  | { readonly status: 'invalid'; readonly sentence: string }

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
const numbersOf = (version: string): number[] => version.replace(/^>=/, '').split('.').map(Number)

/** Whether `version` is at least the minimum of an engine range; the schema allows no other kind of range. */
function reaches(version: string, range: string): boolean {
  const have = numbersOf(version)
  const want = numbersOf(range)
  const first = want.findIndex((part, place) => part !== (have[place] ?? 0))
  return first === -1 || (have[first] ?? 0) > (want[first] ?? 0)
}

function unmetEngine({ node, agentcy }: Manifest['engines']): string | null {
  if (!reaches(process.versions.node, node)) return `it needs Node ${node} and this is ${process.versions.node}`
  if (!reaches(HOST_API_VERSION, agentcy)) return `it needs a host ${agentcy} and this is ${HOST_API_VERSION}`
  return null
}

/** The real path of the entry; null if it is missing or a link leads out of the plugin's folder. */
function entryIn(folder: string, entry: string): string | null {
  try {
    const file = realpathSync(join(folder, entry))
    return file.startsWith(realpathSync(folder) + sep) ? file : null
  } catch {
    return null
  }
}

function examine(file: string): ReadManifest {
  const folder = dirname(file)
  const ajv = new Ajv2020({ allErrors: true, strict: true })
  const validate = ajv.compile<Manifest>(readJson(join(folder, SCHEMA)) as object)
  const manifest = readJson(file)
  if (!validate(manifest)) return { status: 'invalid', sentence: ajv.errorsText(validate.errors, { dataVar: 'it' }) }
  const unmet = unmetEngine(manifest.engines)
  if (unmet !== null) return { status: 'invalid', sentence: unmet }
  const entryFile = entryIn(folder, manifest.entry)
  if (entryFile === null)
    return { status: 'invalid', sentence: `its entry ${manifest.entry} is not there; run the build` }
  void ajv.validateSchema(manifest.configSchema, true)
  return { status: 'valid', manifest, entryFile }
}

/** Reads a manifest and checks it against the manifest schema and against what this host offers. */
export function readManifest(file: string): ReadManifest {
  try {
    const read = examine(file)
    return read.status === 'valid'
      ? read
      : { ...read, sentence: `The manifest ${file} is not valid: ${read.sentence}.` }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { status: 'invalid', sentence: `The manifest ${file} cannot be read: ${why}.` }
  }
}
