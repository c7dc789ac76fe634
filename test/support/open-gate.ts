import { cp, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type Plugin } from 'esbuild'

import { temporaryFolder } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LINKED = ['node_modules', 'package.json', 'manifest.json', 'plugin']
const PROGRAMS = ['host-stub/main', 'plugin/main']

/** These have hundreds of small files; the others are loaded as ever, since crash points are put into some of them. */
const BUNDLED = /^(kysely|zod|@trpc\/)/

const GATE = join(ROOT, 'plugin', 'turns', 'tool-gate.ts')
const OPEN_GATE = `
export * from './tool-gate.ts'
import { createGate as createReal } from './tool-gate.ts'
export const createGate = parts => call => createReal(parts)(call, true)
`

const leavePackages: Plugin = {
  name: 'leave-packages',
  setup: bundle =>
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || BUNDLED.test(path) ? undefined : { path, external: true },
    ),
}

/** Puts the open gate in the place of the real one, which only the open one itself gets. */
const openTheGate: Plugin = {
  name: 'open-the-gate',
  setup(bundle) {
    bundle.onResolve({ filter: /\/tool-gate\.ts$/ }, ({ namespace }) =>
      namespace === 'open-gate' ? { path: GATE } : { path: GATE, namespace: 'open-gate' },
    )
    bundle.onLoad({ filter: /$/, namespace: 'open-gate' }, () => ({
      contents: OPEN_GATE,
      loader: 'ts',
      resolveDir: dirname(GATE),
    }))
  },
}

/**
 * A copy of the build that has every tool call judged as if somebody had approved it, to be the `root` of a host. Otherwise
 * a person is asked for each write, and then no test could see what a write does. Packages of many modules are put into the
 * bundles too, which start faster: a sweep starts thousands of hosts.
 */
export async function openGateBuild(): Promise<AsyncDisposable & { readonly root: string }> {
  const { path: root, [Symbol.asyncDispose]: remove } = await temporaryFolder()
  const dist = join(root, 'dist')
  await cp(join(ROOT, 'dist'), dist, { recursive: true })
  await Promise.all(LINKED.map(name => symlink(join(ROOT, name), join(root, name))))
  await build({
    absWorkingDir: ROOT,
    entryPoints: PROGRAMS.map(name => join(ROOT, `${name}.ts`)),
    outbase: ROOT,
    outdir: dist,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    plugins: [openTheGate, leavePackages],
  })
  return { root, [Symbol.asyncDispose]: remove }
}
