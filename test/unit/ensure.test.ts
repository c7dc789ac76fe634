import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { temporaryFolder } from '../support/temporary-folder.ts'

const ENSURE = fileURLToPath(new URL('../../host-stub/ensure.mjs', import.meta.url))
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
}, 300)
`
/** Stands for the compiler: notes when it began. */
const FAKE_TSC = `require('node:fs').appendFileSync('builds', 'begin\\n')
setTimeout(() => {}, 200)
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

  it('lets two builds in one clone run one after the other', async () => {
    await using fresh = await clone()
    await fresh.run()
    await mkdir(join(fresh.path, 'node_modules/typescript/bin'), { recursive: true })
    await fresh.write('node_modules/typescript/bin/tsc', FAKE_TSC)
    await fresh.write('host-stub/bundle.mjs', FAKE_BUNDLER)
    const both = await Promise.all([fresh.run('--build'), fresh.run('--build')])
    expect(both.map(({ status }) => status)).toEqual([0, 0])
    expect(await fresh.read('builds')).toBe('begin\nend\nbegin\nend\n')
  })
})
