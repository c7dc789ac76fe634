import { cp, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { temporaryFolder } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LINKED = ['node_modules', 'package.json', 'manifest.json', 'plugin']

const OPEN_GATE = `
export * from './real-gate.js'
import { createGate as createReal } from './real-gate.js'
export const createGate = parts => call => createReal(parts)(call, true)
`

/**
 * A copy of the build that has every tool call judged as if somebody had approved it, to be the `root` of a host. Otherwise
 * a person is asked for each write, and then no test could see what a write does.
 */
export async function openGateBuild(): Promise<AsyncDisposable & { readonly root: string }> {
  const { path: root, [Symbol.asyncDispose]: remove } = await temporaryFolder()
  await cp(join(ROOT, 'dist'), join(root, 'dist'), { recursive: true })
  await Promise.all(LINKED.map(name => symlink(join(ROOT, name), join(root, name))))
  const plugin = join(root, 'dist', 'plugin')
  await rename(join(plugin, 'gate.js'), join(plugin, 'real-gate.js'))
  await writeFile(join(plugin, 'gate.js'), OPEN_GATE)
  return { root, [Symbol.asyncDispose]: remove }
}
