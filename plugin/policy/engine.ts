import { createRequire } from 'node:module'

import type * as Opa from '@open-policy-agent/opa-wasm'
import type { LoadedPolicy } from '@open-policy-agent/opa-wasm'

// Its module for import lacks what its types promise.
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof Opa

/** All that is below it decides. */
export const ROOT = 'agentcy'

/** Too few pages, and a large policy does not load (rego.md); without a most, one could take all memory. */
const MEMORY = { initial: 64, maximum: 2_048 }
const MOST_KEPT_BYTES = 32 * 1_048_576
/** What opa-wasm 1.10 brings beside what is compiled in; all else loads, and throws when it is called. */
const HOST_BUILTINS = new Set([
  'json.is_valid',
  'sprintf',
  'regex.split',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
])

/** Why compiled policies cannot be used, as a sentence for a person. */
export class EngineRefused extends Error {}

type Exports = Readonly<Record<'builtins' | 'opa_json_dump', (...given: number[]) => number>>

function builtinsOf({ wasmInstance, mem }: LoadedPolicy): string[] {
  const exports = (wasmInstance as WebAssembly.Instance).exports as unknown as Exports
  const from = exports.opa_json_dump(exports.builtins())
  const bytes = new Uint8Array(mem.buffer)
  const text = Buffer.from(bytes.subarray(from, bytes.indexOf(0, from))).toString('utf8')
  return Object.keys(JSON.parse(text) as object)
}

function compiled(module: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(new Uint8Array(module))
  } catch {
    throw new EngineRefused('This is no WebAssembly module.')
  }
}

/** Compiled policies, loaded. */
export class Engine {
  readonly #module: WebAssembly.Module
  readonly #entrypoints: readonly string[]
  #loaded: LoadedPolicy | null

  /** It is compiled where it is made: of a tenant's module, in a worker. @throws EngineRefused */
  constructor(module: Uint8Array) {
    this.#module = compiled(module)
    const loaded = this.#load()
    const missing = builtinsOf(loaded).filter(name => !HOST_BUILTINS.has(name))
    if (missing.length > 0) throw new EngineRefused(`Not to be had here: ${missing.join(', ')}.`)
    const names = Object.keys(loaded.entrypoints as object)
    const ours = names.filter(name => name === ROOT || name.startsWith(`${ROOT}/`))
    if (ours.length === 0) throw new EngineRefused(`Its entrypoint is not "${ROOT}". Build it with: -e ${ROOT}`)
    this.#entrypoints = ours.includes(ROOT) ? [ROOT] : ours
    this.#loaded = loaded
  }

  /** The documents of its entrypoints, by their paths. @throws whatever an evaluation that does not end well throws. */
  evaluate(input: unknown): readonly { readonly path: string; readonly document: unknown }[] {
    const loaded = (this.#loaded ??= this.#load())
    // One that threw may never answer again: what follows gets a new one.
    this.#loaded = null
    const documents = this.#entrypoints.map(path => ({ path, document: resultOf(loaded.evaluate(input, path)) }))
    // Memory grows and never shrinks: one that needed much is not kept either.
    if (loaded.mem.buffer.byteLength <= MOST_KEPT_BYTES) this.#loaded = loaded
    return documents
  }

  #load(): LoadedPolicy {
    try {
      return loadPolicySync(this.#module, MEMORY)
    } catch {
      throw new EngineRefused('The module cannot be loaded: it is not what "opa build -t wasm" makes, or too large.')
    }
  }
}

function resultOf(results: unknown): unknown {
  const [first] = results as { result: unknown }[]
  if (first === undefined) throw new Error('no result')
  return first.result
}
