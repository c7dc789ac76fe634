import type { OrgId } from '../contract/ids.ts'
import { Engine, EngineRefused } from './engine.ts'
import { evaluate, type Evaluation } from './evaluation.ts'
import type { PolicyInput } from './input.ts'
import { selfCheck } from './self-check.ts'

/**
 * What workers are asked about policies. `evaluate`: what a set says of an input. `load`: to remember a set, whose modules come
 * beside it. `check`: whether the modules that come beside it may come into force together, for an org.
 */
export type PolicyMessage =
  | { readonly ask: 'evaluate'; readonly set: string; readonly input: PolicyInput }
  | { readonly ask: 'load'; readonly set: string }
  | { readonly ask: 'check'; readonly org: OrgId }

/** What they answer. `unknown`: the set was not loaded here, or was forgotten. Modules are `damaged` that cannot be loaded at all. */
export type PolicyAnswer =
  | ({ readonly answer: 'evaluated' } & Evaluation)
  | { readonly answer: 'unknown' | 'loaded' | 'fine' }
  | { readonly answer: 'refused' | 'damaged'; readonly why: string }

/** How many sets a worker remembers, those that were used last. */
const MOST_SETS = 8

const sets = new Map<string, readonly Engine[]>()

function remember(set: string, engines: readonly Engine[]): void {
  sets.delete(set)
  sets.set(set, engines)
  for (const oldest of [...sets.keys()].slice(0, -MOST_SETS)) sets.delete(oldest)
}

function evaluated(set: string, input: PolicyInput): PolicyAnswer {
  const engines = sets.get(set)
  if (!engines) return { answer: 'unknown' }
  remember(set, engines)
  return { answer: 'evaluated', ...evaluate(engines, input) }
}

function checked(modules: readonly Uint8Array[], org: OrgId): PolicyAnswer {
  try {
    const why = selfCheck(
      modules.map(module => new Engine(module)),
      org,
    )
    return why === null ? { answer: 'fine' } : { answer: 'refused', why }
  } catch (error) {
    if (error instanceof EngineRefused) return { answer: 'damaged', why: error.message }
    throw error
  }
}

/** Does what a worker is asked about policies. */
export function policyTool(message: PolicyMessage, modules: readonly Uint8Array[]): PolicyAnswer {
  switch (message.ask) {
    case 'evaluate':
      return evaluated(message.set, message.input)
    case 'load':
      remember(
        message.set,
        modules.map(module => new Engine(module)),
      )
      return { answer: 'loaded' }
    case 'check':
      return checked(modules, message.org)
  }
}
