import { spawnSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { temporaryFolder } from '../../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

type Package = { readonly dev?: boolean; readonly devOptional?: boolean }
type Own = { readonly name: string; readonly exports: Record<string, unknown> }

const read = async <Value>(file: string): Promise<Value> =>
  JSON.parse(await readFile(join(root, file), 'utf8')) as Value

async function link(folder: string, path: string, from: string): Promise<void> {
  const at = join(folder, path)
  await mkdir(dirname(at), { recursive: true })
  await symlink(from, at)
}

/** What there is for who installs the package: what it depends on, and none of what it is developed with. */
async function installed(folder: string, { name }: Own): Promise<void> {
  const { packages } = await read<{ packages: Record<string, Package> }>('package-lock.json')
  const isInstalled = ([path, { dev, devOptional }]: [string, Package]): boolean =>
    path.lastIndexOf('node_modules/') === 0 && dev !== true && devOptional !== true
  for (const [path] of Object.entries(packages).filter(isInstalled)) await link(folder, path, join(root, path))
  for (const part of ['package.json', 'manifest.json', 'dist', 'plugin'])
    await link(folder, join('node_modules', name, part), join(root, part))
}

it('whoever installs the package can check all of its types, and needs nothing more for it', async () => {
  await using folder = await temporaryFolder()
  const own = await read<Own>('package.json')
  await installed(folder.path, own)
  const names = Object.keys(own.exports).map(each => `${own.name}${each.slice(1)}`)
  const imports = names.map((name, at) => {
    const attributes = name.endsWith('.json') ? " with { type: 'json' }" : ''
    return name.endsWith('.json')
      ? `import part${at} from '${name}'${attributes}`
      : `import * as part${at} from '${name}'`
  })
  const uses = `export const all = [${names.map((_, at) => `part${at}`).join(', ')}]`
  await writeFile(join(folder.path, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  await writeFile(join(folder.path, 'consumer.ts'), [...imports, uses, ''].join('\n'))
  const compilerOptions = {
    module: 'nodenext',
    target: 'ES2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    resolveJsonModule: true,
    preserveSymlinks: true,
    noEmit: true,
  }
  await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: folder.path, encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
}, 60_000)
