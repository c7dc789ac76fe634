import { pathToFileURL } from 'node:url'

import type { Host, Routes } from '../../plugin/contract/host.ts'
import type { Manifest, ReadManifest } from './manifest.ts'

/** The three hooks of a plugin's module. */
type Hooks = {
  activate(host: Host): Promise<Routes>
  reload(): Promise<void>
  deactivate(): Promise<void>
}

/** An active plugin, or a sentence for a person that says why it is not active. */
export type LoadedPlugin =
  | { readonly status: 'active'; readonly routes: Routes; deactivate(): Promise<void> }
  | { readonly status: 'failed'; readonly sentence: string }

const HOOKS = ['activate', 'reload', 'deactivate'] as const

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The hooks under the names from the manifest; if one is missing, its name. */
function hooksOf(module: Readonly<Record<string, unknown>>, names: Manifest['hooks']): Hooks | string {
  const missing = HOOKS.find(hook => typeof module[names[hook]] !== 'function')
  if (missing !== undefined) return names[missing]
  // A module's exports have no types at run time; the check above has shown that they are functions.
  const [activate, reload, deactivate] = HOOKS.map(hook => module[names[hook]]) as [
    Hooks['activate'],
    Hooks['reload'],
    Hooks['deactivate'],
  ]
  return { activate, reload, deactivate }
}

/**
 * Loads the module that a valid manifest names, and activates it. A failure is returned as a sentence for a person and is not
 * retried: the plugin cleans up after itself.
 */
export async function loadPlugin(read: ReadManifest & { status: 'valid' }, host: Host): Promise<LoadedPlugin> {
  const { name, hooks: names, entry } = read.manifest
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(read.entryFile).href)
    const hooks = hooksOf(module, names)
    if (typeof hooks === 'string') {
      return { status: 'failed', sentence: `The plugin ${name} exports no function "${hooks}" from ${entry}.` }
    }
    const routes = await hooks.activate(host)
    return { status: 'active', routes, deactivate: () => hooks.deactivate() }
  } catch (error) {
    return { status: 'failed', sentence: `The plugin ${name} could not be activated: ${messageOf(error)}` }
  }
}
