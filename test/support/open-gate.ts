import { cp, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type Plugin } from 'esbuild'

import { temporaryFolder } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LINKED = ['node_modules', 'package.json', 'manifest.json', 'plugin']
const PROGRAMS = ['host-stub/main', 'plugin/main']

/** These have hundreds of small files; the others are loaded as ever, since crash points are put into some of them. */
const BUNDLED = /^(kysely|zod|@trpc\/)/

const OPEN_GATE = `
export * from './real-tool-gate.js'
import { createGate as createReal } from './real-tool-gate.js'
export const createGate = parts => call => createReal(parts)(call, true)
`

const leavePackages: Plugin = {
  name: 'leave-packages',
  setup: bundle =>
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || BUNDLED.test(path) ? undefined : { path, external: true },
    ),
}

/**
 * A copy of the build that has every tool call judged as if somebody had approved it, to be the `root` of a host. Otherwise
 * a person is asked for each write, and then no test could see what a write does. The host's modules are put into one file,
 * which starts twice as fast: a sweep starts thousands of hosts.
 */
export async function openGateBuild(): Promise<AsyncDisposable & { readonly root: string }> {
  const { path: root, [Symbol.asyncDispose]: remove } = await temporaryFolder()
  const dist = join(root, 'dist')
  await cp(join(ROOT, 'dist'), dist, { recursive: true })
  await Promise.all(LINKED.map(name => symlink(join(ROOT, name), join(root, name))))
  const turns = join(dist, 'plugin', 'turns')
  await rename(join(turns, 'tool-gate.js'), join(turns, 'real-tool-gate.js'))
  await writeFile(join(turns, 'tool-gate.js'), OPEN_GATE)
  await build({
    entryPoints: Object.fromEntries(PROGRAMS.map(name => [name, join(dist, `${name}.js`)])),
    outdir: dist,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    plugins: [leavePackages],
  })
  return { root, [Symbol.asyncDispose]: remove }
}
