import { createRequire } from 'node:module'

import type * as Opa from '@open-policy-agent/opa-wasm'
import type { LoadedPolicy } from '@open-policy-agent/opa-wasm'

// The package's ES module does not export everything that its types declare.
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof Opa

/** Every `deny` below this package decides. */
export const ROOT = 'agentcy'

/** Pages of 64 kB. With fewer at first, a large policy does not load (rego.md); the maximum keeps a policy from taking all memory. */
const MEMORY = { initial: 64, maximum: 2_048 }
const MOST_KEPT_BYTES = 32 * 1_048_576
/** The functions that opa-wasm 1.10 implements in JavaScript. A module that needs others loads, but throws when it calls them. */
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
  readonly #load: () => LoadedPolicy
  readonly #entrypoints: readonly string[]
  #loaded: LoadedPolicy | null

  /** `load` is called now, and again after an evaluation that threw. @throws EngineRefused */
  constructor(load: () => LoadedPolicy) {
    this.#load = load
    const loaded = load()
    const missing = builtinsOf(loaded).filter(name => !HOST_BUILTINS.has(name))
    if (missing.length > 0) throw new EngineRefused(`Not to be had here: ${missing.join(', ')}.`)
    const names = Object.keys(loaded.entrypoints as object)
    const ours = names.filter(name => name === ROOT || name.startsWith(`${ROOT}/`))
    if (ours.length === 0) throw new EngineRefused(`Its entrypoint is not "${ROOT}". Build it with: -e ${ROOT}`)
    this.#entrypoints = ours.includes(ROOT) ? [ROOT] : ours
    this.#loaded = loaded
  }

  /** Compiles a module that runs without a limit; a tenant's module only in a worker. @throws EngineRefused */
  static of(bytes: Uint8Array): Engine {
    const module = compiled(bytes)
    return new Engine(() => {
      try {
        return loadPolicySync(module, MEMORY)
      } catch {
        throw new EngineRefused('The module cannot be loaded: it is not what "opa build -t wasm" makes, or too large.')
      }
    })
  }

  /** Evaluates each entrypoint and returns its document. @throws anything that a failed evaluation throws */
  evaluate(input: unknown): readonly { readonly path: string; readonly document: unknown }[] {
    const loaded = (this.#loaded ??= this.#load())
    // An instance that threw may be unusable: the next evaluation gets a new one.
    this.#loaded = null
    const documents = this.#entrypoints.map(path => ({ path, document: resultOf(loaded.evaluate(input, path)) }))
    // An instance's memory never shrinks, so one that has grown large is not kept.
    if (loaded.mem.buffer.byteLength <= MOST_KEPT_BYTES) this.#loaded = loaded
    return documents
  }
}

function resultOf(results: unknown): unknown {
  const [first] = results as { result: unknown }[]
  if (first === undefined) throw new Error('no result')
  return first.result
}
