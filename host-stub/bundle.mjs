// Bundles each page into one script and one style sheet beside its document, for browsers that load nothing else.
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const PAGES = ['plugin/web', 'host-stub/phone-page']

async function bundle(page) {
  const outdir = join(root, 'dist', page)
  mkdirSync(outdir, { recursive: true })
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, page, 'page.tsx')],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  })
  copyFileSync(join(root, page, 'page.html'), join(outdir, 'page.html'))
}

await Promise.all(PAGES.map(bundle))
