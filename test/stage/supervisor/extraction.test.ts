import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

import { installGateway, InstallRefused } from '../../../plugin/supervisor/install-gateway.ts'
import { entriesBelow } from '../../support/files-below.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function home() {
  const folder = await temporaryFolder()
  return { state: join(folder.path, 'whatsapp-gateway'), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

/** Path → mode and content of everything below, links by their target. */
function snapshot(folder: string): Record<string, string> {
  const entries = entriesBelow(folder)
  return Object.fromEntries(
    entries.map(entry => {
      const path = join(entry.parentPath, entry.name)
      const mode = (lstatSync(path).mode & 0o777).toString(8)
      const content = entry.isSymbolicLink() ? readlinkSync(path) : entry.isFile() ? readFileSync(path, 'utf8') : ''
      return [relative(folder, path), entry.isSymbolicLink() ? content : `${mode} ${content}`]
    }),
  )
}

describe('the extraction of the gateway', () => {
  it('puts code, nothing else and nothing readable by others in its place', async () => {
    await using at = await home()
    expect(installGateway(at.state)).toBe(join(at.state, 'gateway', 'process.js'))
    expect(readdirSync(at.state).sort()).toEqual(['gateway', 'node_modules', 'package.json'])
    const files = entriesBelow(at.state).filter(entry => entry.isFile())
    expect(files.every(file => file.name.endsWith('.js') || file.name === 'package.json')).toBe(true)
    expect(files.every(file => (statSync(join(file.parentPath, file.name)).mode & 0o777) === 0o600)).toBe(true)
    for (const folder of [at.state, join(at.state, 'gateway'), join(at.state, 'gateway', 'convert')]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700)
    }
  })

  it('touches nothing that is as it should be', async () => {
    await using at = await home()
    installGateway(at.state)
    const before = statSync(join(at.state, 'gateway', 'process.js')).ino
    installGateway(at.state)
    expect(statSync(join(at.state, 'gateway', 'process.js')).ino).toBe(before)
  })

  it.each<[string, (state: string) => void]>([
    ['a changed file', state => writeFileSync(join(state, 'gateway', 'process.js'), 'process.exit(0)')],
    ['a missing file', state => rmSync(join(state, 'gateway', 'convert', 'decoder.js'))],
    ['a missing folder', state => rmSync(join(state, 'gateway', 'convert'), { recursive: true })],
    ['an added link', state => symlinkSync('/', join(state, 'gateway', 'more'))],
    ['an added file', state => writeFileSync(join(state, 'gateway', 'more.js'), '', { mode: 0o600 })],
    ['a file others may write', state => chmodSync(join(state, 'gateway', 'process.js'), 0o666)],
    ['a linked file', state => linkTo(join(state, 'gateway', 'process.js'))],
    ['an earlier version, of many modules', state => earlier(state)],
    ['a linked folder', state => linkTo(join(state, 'gateway'))],
    ['another package.json', state => writeFileSync(join(state, 'package.json'), '{}')],
    ['a link to other modules', state => relink(join(state, 'node_modules'))],
    ['modules of its own', state => mkdirSync(emptied(join(state, 'node_modules')))],
    ['an interrupted extraction', state => interrupt(state)],
  ])('puts right %s', async (_name, spoil) => {
    await using at = await home()
    installGateway(at.state)
    const whole = snapshot(at.state)
    spoil(at.state)
    installGateway(at.state)
    const after = snapshot(at.state)
    for (const [path, content] of Object.entries(whole)) expect(after[path], path).toBe(content)
    const ours = /^(gateway|contract|base|files|\.staging)(\/|$)/
    expect(Object.keys(after).filter(path => ours.test(path) && !(path in whole))).toEqual([])
  })

  it('leaves the accounts alone', async () => {
    await using at = await home()
    installGateway(at.state)
    mkdirSync(join(at.state, 'auth', 'org_local'), { recursive: true, mode: 0o700 })
    writeFileSync(join(at.state, 'auth', 'org_local', 'default.sqlite'), 'a login', { mode: 0o600 })
    interrupt(at.state)
    installGateway(at.state)
    expect(readFileSync(join(at.state, 'auth', 'org_local', 'default.sqlite'), 'utf8')).toBe('a login')
  })

  it.each<[string, (state: string) => void, RegExp]>([
    ['others may enter', state => chmodSync(state, 0o755), /has mode 0755; it must be 0700/],
    ['nobody may write to', state => chmodSync(state, 0o500), /has mode 0500; it must be 0700/],
    ['is a link', state => linkTo(state), /\(mode 0777\) is a symbolic link/],
  ])('refuses, by path and mode, a folder that %s', async (_name, spoil, sentence) => {
    await using at = await home()
    installGateway(at.state)
    spoil(at.state)
    for (const words of [InstallRefused, sentence, at.state]) expect(() => installGateway(at.state)).toThrow(words)
  })
})

/** Moves what is there aside and leaves a link to it. */
function linkTo(path: string): void {
  renameSync(path, `${path}.real`)
  symlinkSync(`${path}.real`, path)
}

function emptied(path: string): string {
  rmSync(path)
  return path
}

function relink(path: string): void {
  symlinkSync('/', emptied(path))
}

function earlier(state: string): void {
  for (const folder of ['contract', 'base', 'files']) mkdirSync(join(state, folder), { mode: 0o700 })
  writeFileSync(join(state, 'gateway', 'commands.js'), '', { mode: 0o600 })
}

/** As a kill between two renames leaves it. */
function interrupt(state: string): void {
  mkdirSync(join(state, '.staging'), { mode: 0o700 })
  renameSync(join(state, 'gateway'), join(state, '.staging', 'gateway'))
}
