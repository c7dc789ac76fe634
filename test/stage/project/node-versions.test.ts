import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { temporaryFolder } from '../../support/temporary-folder.ts'

const SCRIPT = fileURLToPath(new URL('../../release/node-versions.mjs', import.meta.url))
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`

/** Notes which Node ran what; fails where a line of `fails` says so. */
const ran = (folder: string, what: string): string =>
  `line="${what}"\necho "$line" >> ${folder}/ran\ngrep -qxF "$line" ${folder}/fails && { echo "it says why"; exit 3; }\nexit 0\n`

/** Stand for npm, which lays down a Node of a version, and for git, which makes a clone. */
const npmOf = (folder: string): string => `#!/bin/sh
if [ "$1" = install ]; then
  for last; do :; done
  bin="$3/node_modules/${NODE_PACKAGE}/bin"
  mkdir -p "$bin"
  printf '#!/bin/sh\\n. ${folder}/node.sh\\n' > "$bin/node"
  chmod +x "$bin/node"
  echo "\${last#*@}" > "$bin/version"
fi
${ran(folder, 'npm $(basename "$(dirname "$PWD")") $*')}`
const nodeOf = (folder: string): string =>
  `[ "$1" = -e ] && set -- is that version\n${ran(folder, 'node $(cat "$(dirname "$0")/version") $*')}`
const GIT = '#!/bin/sh\nmkdir -p "$4"\n'

/** Runs the script with npm, git and every Node being what the story says. */
async function checked(words: readonly string[], fails: readonly string[] = []) {
  await using folder = await temporaryFolder()
  const at = (name: string): string => join(folder.path, name)
  for (const name of ['bin', 'tmp']) await mkdir(at(name))
  await writeFile(at('fails'), fails.map(line => `${line}\n`).join(''))
  await writeFile(at('node.sh'), nodeOf(folder.path))
  await writeFile(at('bin/npm'), npmOf(folder.path))
  await writeFile(at('bin/git'), GIT)
  for (const name of ['bin/npm', 'bin/git']) await chmod(at(name), 0o755)
  const env = { PATH: `${at('bin')}:/usr/bin:/bin`, TMPDIR: at('tmp') }
  const child = spawn(process.execPath, [SCRIPT, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const lines = (await readFile(at('ran'), 'utf8').catch(() => ''))
    .split('\n')
    .filter(line => !line.includes('install'))
  return { status: status as number, out, err, ran: lines.slice(0, -1), left: await readdir(at('tmp')) }
}

const STEPS = (version: string) => [
  `node ${version} is that version`,
  `node ${version} host-stub/ensure.mjs`,
  `node ${version} host-stub/ensure.mjs --build`,
  `npm ${version} run demo -- --once`,
  `node ${version} node_modules/vitest/vitest.mjs run test/unit test/stage`,
]

describe('other versions of Node', () => {
  it('each install, build, play the conversation and pass the tests', async () => {
    const { status, out, ran: done, left } = await checked([])
    expect(done).toEqual([...STEPS('22.23.5'), ...STEPS('24.22.3')])
    expect(out.split('\n').slice(-3)).toEqual(['Node 22.23.5 is well', 'Node 24.22.3 is well', ''])
    expect([status, left]).toEqual([0, []])
  })

  it.each([
    ['version', 0],
    ['install', 1],
    ['build', 2],
    ['demo', 3],
    ['tests', 4],
  ])('one that fails at %s is named, with what was said, and the others are tried', async (step, at) => {
    const failing = STEPS('22.1.0')
    const { status, out, ran: done, left } = await checked(['22.1.0', '24.1.0'], [failing[at] ?? ''])
    expect(done).toEqual([...failing.slice(0, at + 1), ...STEPS('24.1.0')])
    expect(out).toContain('it says why')
    expect(out).toContain(`\nNode 22.1.0 failed at ${step}: ended with 3\nNode 24.1.0 is well\n`)
    expect([status, left]).toEqual([1, []])
  })

  it('are tried as far as is asked', async () => {
    const { status, ran: done } = await checked(['24.1.0', '--until', 'demo'])
    expect([status, done]).toEqual([0, STEPS('24.1.0').slice(0, -1)])
  })

  it.each([
    [['--help'], 0, '--until <step>'],
    [['--until', 'lunch'], 2, '--until takes one of'],
    [['22'], 2, 'A version is given in full'],
    [['--else'], 2, "Unknown option '--else'"],
  ])('are not tried with %j', async (words, expected, said) => {
    const { status, out, err, ran: done } = await checked(words)
    expect([status, done]).toEqual([expected, []])
    expect(out + err).toContain(said)
  })
})
