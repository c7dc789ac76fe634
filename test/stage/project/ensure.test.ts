import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { temporaryFolder } from '../../support/temporary-folder.ts'

const ENSURE = fileURLToPath(new URL('../../../host-stub/ensure.mjs', import.meta.url))
const PACKAGES = { 'node_modules/better-sqlite3': { version: '12.11.1', integrity: 'sha512-x' } }
const LOCKFILE = JSON.stringify({
  packages: { '': {}, ...PACKAGES, 'node_modules/for-another-platform': { optional: true } },
})
const TREE = JSON.stringify({ packages: PACKAGES })
const LOADS = 'module.exports = class { prepare() { return { get() {} } } }'
const CRASHES = 'process.kill(process.pid, "SIGSEGV")'

/** Stands for `npm ci`: notes that it was called, takes a moment, and lays down what it was told to. */
const FAKE_NPM = `#!/usr/bin/env node
const fs = require('node:fs')
fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
if (fs.existsSync('npm-fails')) { console.error(fs.readFileSync('npm-fails', 'utf8')); process.exit(1) }
fs.rmSync('node_modules', { recursive: true, force: true })
setTimeout(() => {
  fs.mkdirSync('node_modules/better-sqlite3', { recursive: true })
  fs.writeFileSync('node_modules/better-sqlite3/index.js', fs.readFileSync('module.js'))
  fs.mkdirSync('node_modules/typescript/bin', { recursive: true })
  if (fs.existsSync('tsc.js')) fs.copyFileSync('tsc.js', 'node_modules/typescript/bin/tsc')
}, 300)
`
/** Stands for the compiler: notes when it began, and writes what is missing, unless it has noted that it is there. */
const FAKE_TSC = `const fs = require('node:fs')
fs.appendFileSync('builds', 'begin\\n')
if (fs.existsSync('tsc-fails')) process.exit(2)
if (!fs.existsSync('dist/.tsbuildinfo')) {
  fs.mkdirSync('dist/plugin', { recursive: true })
  fs.writeFileSync('dist/plugin/main.js', 'compiled')
  fs.writeFileSync('dist/.tsbuildinfo', 'all is there')
}
setTimeout(() => {}, 50)
`
/** Stands for what bundles the pages: notes when it ended. */
const FAKE_BUNDLER = `import { appendFileSync } from 'node:fs'
appendFileSync('builds', 'end\\n')
`

type Clone = AsyncDisposable & {
  readonly path: string
  run(...args: string[]): Promise<{ status: number | null; said: string }>
  write(name: string, content: string): Promise<void>
  read(name: string): Promise<string>
  env: Record<string, string>
}

/** A clone in which nothing is installed, with an `npm` of its own. */
async function clone(module = LOADS): Promise<Clone> {
  const folder = await temporaryFolder()
  const at = (name: string): string => join(folder.path, name)
  for (const name of ['host-stub', 'bin']) await mkdir(at(name))
  await copyFile(ENSURE, at('host-stub/ensure.mjs'))
  await writeFile(at('package-lock.json'), LOCKFILE)
  await writeFile(at('module.js'), module)
  await writeFile(at('bin/npm'), FAKE_NPM)
  await chmod(at('bin/npm'), 0o755)
  const env: Record<string, string> = { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` }
  return {
    ...folder,
    env,
    async run(...args) {
      const child = spawn(process.execPath, [at('host-stub/ensure.mjs'), ...args], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
      return { status: status as number | null, said }
    },
    write: (name, content) => writeFile(at(name), content),
    read: name => readFile(at(name), 'utf8').catch(() => ''),
  }
}

const SOURCE = 'export const a = 1'

/** One in which all is installed, with a compiler and a bundler of its own. */
async function compilable(): Promise<Clone> {
  const made = await clone()
  for (const folder of ['plugin/web', 'client']) await mkdir(join(made.path, folder), { recursive: true })
  await made.write('tsc.js', FAKE_TSC)
  await made.write('host-stub/bundle.mjs', FAKE_BUNDLER)
  for (const name of ['package.json', 'tsconfig.json']) await made.write(name, '{}')
  await made.write('plugin/main.ts', SOURCE)
  await made.run()
  return made
}

describe('ensure', () => {
  it('installs once, and then only looks', async () => {
    await using fresh = await clone()
    expect(await fresh.run()).toMatchObject({ status: 0, said: expect.stringContaining('Installing') })
    const again = await fresh.run()
    expect(again).toMatchObject({ status: 0, said: '' })
    expect(await fresh.read('calls')).toBe('ci --include=dev --no-audit --no-fund\n')
  })

  it('installs again when the lockfile has changed', async () => {
    await using fresh = await clone()
    await fresh.run()
    await fresh.write('package-lock.json', LOCKFILE.replace('12.11.1', '12.11.2'))
    expect((await fresh.run()).status).toBe(0)
    expect((await fresh.read('calls')).split('\n')).toHaveLength(3)
  })

  it('lets two commands that start at once in one clone both work, and installs once', async () => {
    await using fresh = await clone()
    const both = await Promise.all([fresh.run(), fresh.run()])
    expect(both.map(({ status }) => status)).toEqual([0, 0])
    expect(await fresh.read('calls')).toBe('ci --include=dev --no-audit --no-fund\n')
  })

  it('takes the lock of a process that has died', async () => {
    await using fresh = await clone()
    const dead = spawn(process.execPath, ['-e', ''])
    await once(dead, 'exit')
    await mkdir(join(fresh.path, 'dist', '.ensure-lock'), { recursive: true })
    await fresh.write('dist/.ensure-lock/pid', String(dead.pid))
    expect((await fresh.run()).status).toBe(0)
  })

  it('installs nothing when somebody ran `npm ci` already', async () => {
    await using fresh = await clone()
    await fresh.run()
    await rm(join(fresh.path, 'node_modules', '.ensure'))
    await rm(join(fresh.path, 'calls'))
    await fresh.write('node_modules/.package-lock.json', TREE)
    expect(await fresh.run()).toMatchObject({ status: 0, said: '' })
    expect(await fresh.read('calls')).toBe('')
  })

  it('installs when what is there is not what the lockfile names', async () => {
    await using fresh = await clone()
    await fresh.run()
    await rm(join(fresh.path, 'node_modules', '.ensure'))
    await fresh.write('node_modules/.package-lock.json', TREE.replace('12.11.1', '11.0.0'))
    await fresh.run()
    expect((await fresh.read('calls')).split('\n')).toHaveLength(3)
  })

  it('says what to do when the native module does not load, even when it crashes', async () => {
    await using fresh = await clone(CRASHES)
    const { status, said } = await fresh.run()
    expect(status).toBe(1)
    expect(said).toContain('does not load with this Node')
    expect((await fresh.run()).status).toBe(1)
  })

  it('says that the network is missing', async () => {
    await using fresh = await clone()
    await fresh.write('npm-fails', 'npm error code ENOTFOUND')
    expect(await fresh.run()).toMatchObject({ status: 1, said: expect.stringContaining('registry was not reached') })
  })

  it('says which tools are missing', async () => {
    await using fresh = await clone()
    await fresh.write('npm-fails', 'gyp ERR! not ok')
    await fresh.write('bin/node', `#!/bin/sh\nexec ${process.execPath} "$@"\n`)
    await chmod(join(fresh.path, 'bin', 'node'), 0o755)
    await fresh.write('bin/env', '#!/bin/sh\nexec "$@"\n')
    fresh.env['PATH'] = join(fresh.path, 'bin')
    expect((await fresh.run()).said).toContain('apt-get install -y python3 make g++')
  })

  it('installs nothing when NO_AUTO_INSTALL is 1', async () => {
    await using fresh = await clone()
    fresh.env['NO_AUTO_INSTALL'] = '1'
    expect(await fresh.run()).toMatchObject({ status: 1, said: expect.stringContaining('Run `npm ci`') })
    expect(await fresh.read('calls')).toBe('')
  })

  it('lets two builds that start at once in one clone both work, and compiles once', async () => {
    await using built = await compilable()
    const both = await Promise.all([built.run('--build'), built.run('--build')])
    expect(both.map(({ status }) => status)).toEqual([0, 0])
    expect(await built.read('builds')).toBe('begin\nend\n')
  })

  it('compiles once, and then only looks', async () => {
    await using built = await compilable()
    for (const _ of [1, 2, 3]) expect((await built.run('--build')).status).toBe(0)
    expect(await built.read('builds')).toBe('begin\nend\n')
  })

  it('compiles again whatever has changed of what is compiled, and whatever is missing of what came of it', async () => {
    await using built = await compilable()
    await built.run('--build')
    const at = (name: string): string => join(built.path, name)
    const longAgo = new Date(0)
    const inTheSameSize = async () => {
      await built.write('plugin/main.ts', 'export const b = 1')
      await utimes(at('plugin/main.ts'), longAgo, longAgo)
    }
    const changes: Record<string, () => Promise<unknown>> = {
      'a source has changed and is as long and as old as it was': inTheSameSize,
      'a source was added': () => built.write('client/more.ts', ''),
      'a source was renamed': () => rename(at('client/more.ts'), at('client/else.ts')),
      'a source was removed': () => rm(at('client/else.ts')),
      'a page has changed': () => built.write('plugin/web/page.css', 'a {}'),
      'the bundler has changed': () => built.write('host-stub/bundle.mjs', `${FAKE_BUNDLER}\n`),
      'how it is compiled has changed': () => built.write('tsconfig.json', '{ }'),
      'package.json has changed': () => built.write('package.json', '{ }'),
      'the lockfile has changed': () => built.write('package-lock.json', `${LOCKFILE}\n`),
      'a compiled file is missing': () => rm(at('dist/plugin/main.js')),
      'a compiled file is not whole': () => built.write('dist/plugin/main.js', 'comp'),
      'all of it is missing': () => rm(at('dist'), { recursive: true }),
    }
    const noticed: string[] = []
    for (const [what, change] of Object.entries(changes)) {
      await change()
      await rm(at('builds'), { force: true })
      await built.run('--build')
      if ((await built.read('builds')) === 'begin\nend\n') noticed.push(what)
      expect(await built.read('dist/plugin/main.js'), what).toBe('compiled')
    }
    expect(noticed).toEqual(Object.keys(changes))
    await built.run('--build')
    expect(await built.read('builds')).toBe('begin\nend\n')
  })

  it('leaves nothing behind that was compiled of a source that was moved', async () => {
    await using built = await compilable()
    await built.run('--build')
    for (const end of ['js', 'd.ts']) await built.write(`dist/plugin/old.${end}`, 'compiled before it was moved')
    await mkdir(join(built.path, 'plugin/folder'))
    await built.write('plugin/folder/old.ts', SOURCE)
    expect((await built.run('--build')).status).toBe(0)
    expect(await readdir(join(built.path, 'dist/plugin'))).not.toContain('old.js')
    expect(await readdir(join(built.path, 'dist/plugin'))).not.toContain('old.d.ts')
    expect(await built.read('dist/plugin/main.js')).toBe('compiled')
  })

  it('compiles again after a build that failed', async () => {
    await using built = await compilable()
    await built.run('--build')
    await built.write('plugin/main.ts', 'broken')
    await built.write('tsc-fails', '')
    expect((await built.run('--build')).status).toBe(1)
    await rm(join(built.path, 'tsc-fails'))
    await built.write('plugin/main.ts', SOURCE)
    expect((await built.run('--build')).status).toBe(0)
    expect(await built.read('builds')).toBe('begin\nend\nbegin\nbegin\nend\n')
  })
})
