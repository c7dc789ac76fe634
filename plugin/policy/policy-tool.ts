import type { OrgId } from '../contract/ids.ts'
import { Engine, EngineRefused } from './engine.ts'
import { evaluate, type Evaluation } from './evaluation.ts'
import type { PolicyInput } from './input.ts'
import { selfCheck } from './self-check.ts'

/**
 * The requests to a worker about policies. `evaluate`: evaluates a set for an input. `load`: loads a set, whose modules come
 * as bytes. `check`: checks whether the modules that come as bytes may be put into force together for an org.
 */
export type PolicyMessage =
  | { readonly ask: 'evaluate'; readonly set: string; readonly input: PolicyInput }
  | { readonly ask: 'load'; readonly set: string }
  | { readonly ask: 'check'; readonly org: OrgId }

/** The answers. `unknown`: this worker has not loaded the set, or has dropped it. `damaged`: the modules cannot be loaded. */
export type PolicyAnswer =
  | ({ readonly answer: 'evaluated' } & Evaluation)
  | { readonly answer: 'unknown' | 'loaded' | 'fine' }
  | { readonly answer: 'refused' | 'damaged'; readonly why: string }

/** How many sets a worker keeps: the most recently used ones. */
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
      modules.map(module => Engine.of(module)),
      org,
    )
    return why === null ? { answer: 'fine' } : { answer: 'refused', why }
  } catch (error) {
    if (error instanceof EngineRefused) return { answer: 'damaged', why: error.message }
    throw error
  }
}

/** Answers a request in the worker. */
export function policyTool(message: PolicyMessage, modules: readonly Uint8Array[]): PolicyAnswer {
  switch (message.ask) {
    case 'evaluate':
      return evaluated(message.set, message.input)
    case 'load':
      remember(
        message.set,
        modules.map(module => Engine.of(module)),
      )
      return { answer: 'loaded' }
    case 'check':
      return checked(modules, message.org)
  }
}
