import { createRequire } from 'node:module'

import type * as Opa from '@open-policy-agent/opa-wasm'
import type { LoadedPolicy } from '@open-policy-agent/opa-wasm'

import { Engine } from '../engine.ts'
import { INSTRUCTIONS_LEFT, metered } from './metered-module.ts'

// Its module for import lacks the class.
const opa = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof Opa

const MEMORY = { initial: 64, maximum: 256 }
/** What a module may do while it is loaded. */
const TO_LOAD = 4_000_000
/** The functions that opa-wasm 1.10 offers a module. Here each of them throws, since what JavaScript does is not counted. */
const REFUSED = ['abort', 'println', 'builtin0', 'builtin1', 'builtin2', 'builtin3', 'builtin4']

/** How many instructions may still be done. Evaluations take from it. */
export type Budget = { left: number }

function refuse(): never {
  throw new Error('An evaluation was given up, or asked for what is not offered here.')
}
const IMPORTS = Object.fromEntries(REFUSED.map(name => [`opa_${name}`, refuse]))

/** Compiled policies, loaded so that they end: after a number of instructions, within 16 MB, and without any function of ours. */
export class MeteredEngine {
  readonly #module: WebAssembly.Module
  readonly #engine: Engine
  #counter: WebAssembly.Global | null = null
  #budget: Budget = { left: TO_LOAD }

  private constructor(module: WebAssembly.Module) {
    this.#module = module
    this.#engine = new Engine(() => this.#load())
  }

  /** Of a module that was compiled from sources here. @throws NotMetered, and what WebAssembly throws of what is no such module */
  static async of(module: Uint8Array): Promise<MeteredEngine> {
    return new MeteredEngine(await WebAssembly.compile(metered(module, TO_LOAD)))
  }

  /** As {@link Engine.evaluate}. @throws whatever ended it before it had an answer, the end of the budget included */
  evaluate(input: unknown, budget: Budget): ReturnType<Engine['evaluate']> {
    this.#budget = budget
    if (this.#counter) this.#counter.value = budget.left
    try {
      return this.#engine.evaluate(input)
    } finally {
      budget.left = Math.max(0, this.#counter?.value ?? 0)
    }
  }

  #load(): LoadedPolicy {
    const memory = new WebAssembly.Memory(MEMORY)
    const instance = new WebAssembly.Instance(this.#module, { env: { memory, ...IMPORTS } })
    const { [INSTRUCTIONS_LEFT]: counter, opa_wasm_abi_minor_version: version } = instance.exports
    const loaded = new opa.LoadedPolicy({ instance }, memory, (version as WebAssembly.Global).value)
    this.#counter = counter as WebAssembly.Global
    this.#counter.value = this.#budget.left
    return loaded
  }
}
