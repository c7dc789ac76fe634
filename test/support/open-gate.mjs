// Loaded before a host (`node --import`), it lets every tool call of a turn that is not over pass, as a policy that allows
// them would. The built-in decision asks a person for each write, and then no test could see what a write does.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

const gateOf = builtIn => `
export { subjectOf } from '${builtIn}'
import { createGate as createBuiltIn } from '${builtIn}'
export const createGate = parts => call =>
  parts.isOpen() ? Promise.resolve({ decision: 'allow' }) : createBuiltIn(parts)(call)`

/** A hook of Node's module loader, on a thread of its own. */
export async function load(url, context, next) {
  if (!url.endsWith('/dist/plugin/gate.js')) return next(url, context)
  return { format: 'module', source: gateOf(`${url}?built-in`), shortCircuit: true }
}
