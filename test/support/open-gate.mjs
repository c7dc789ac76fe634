// Loaded before a host (`node --import`), it has every tool call judged as if somebody had approved it. Otherwise a person
// is asked for each write, and then no test could see what a write does.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

const gateOf = real => `
export * from '${real}'
import { createGate as createReal } from '${real}'
export const createGate = parts => call => createReal(parts)(call, true)`

/** A hook of Node's module loader, on a thread of its own. */
export async function load(url, context, next) {
  if (!url.endsWith('/dist/plugin/gate.js')) return next(url, context)
  return { format: 'module', source: gateOf(`${url}?real`), shortCircuit: true }
}
