// Bundles each page into one script and one style sheet beside its document, for browsers that load nothing else, and
// the modules of each program into a few files: Node takes longer to find and load hundreds of small files one by one
// than a program needs for all the rest of its start. Packages are not bundled.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const PAGES = ['plugin/web', 'host-stub/phone-page']
/** The programs of each folder, and where they go: over their own compiled modules, but the gateway, which is copied, to a folder of its own. */
const PROGRAMS = [
  { from: 'client', names: ['cli', 'client'], into: 'client' },
  { from: 'plugin', names: ['main', 'worker-process/worker-entry'], into: 'plugin' },
  { from: 'plugin/gateway', names: ['process', 'convert/decoder', 'live-check'], into: 'gateway' },
  {
    from: 'host-stub',
    names: ['main', 'demo', 'agentcy/token-cli', 'whatsapp/main', 'whatsapp/client/phone-cli'],
    into: 'host-stub',
  },
]

const common = { absWorkingDir: root, bundle: true, format: 'esm', legalComments: 'none', logLevel: 'warning' }

async function bundlePage(page) {
  const outdir = join(root, 'dist', page)
  mkdirSync(outdir, { recursive: true })
  await build({
    ...common,
    entryPoints: [join(root, page, 'page.tsx')],
    outdir,
    minify: true,
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  })
  copyFileSync(join(root, page, 'page.html'), join(outdir, 'page.html'))
}

const bundlePrograms = ({ from, names, into }) =>
  build({
    ...common,
    entryPoints: names.map(name => join(root, from, `${name}.ts`)),
    outbase: join(root, from),
    outdir: join(root, 'dist', into),
    // What a program imports late is loaded late, and not with it.
    splitting: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
  })

rmSync(join(root, 'dist', 'gateway'), { recursive: true, force: true })
await Promise.all([...PAGES.map(bundlePage), ...PROGRAMS.map(bundlePrograms)])
