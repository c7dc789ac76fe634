import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

import { temporaryFolder } from '../../support/temporary-folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const program = join(root, 'dist', 'bench', 'test', 'bench', 'main.js')

it('measures bare Baileys and ours in one call, prints a table and writes the same as JSON', async () => {
  await using results = await temporaryFolder()
  await run(process.execPath, [compiler, '-p', join(root, 'test', 'bench', 'tsconfig.json')])
  const words = ['--quick', '--runs', '1', '--rows', 'direct,resolver,policies', '--contenders', 'bare-memory,ours']
  const { stdout } = await run(process.execPath, [program, ...words, '--results', results.path])
  const [file = ''] = await readdir(results.path)
  const written = JSON.parse(await readFile(join(results.path, file), 'utf8'))
  expect(written).toMatchObject({
    machine: { cpu: expect.any(String), cores: expect.any(Number), node: process.versions.node },
    options: { quick: true, runs: 1 },
  })
  expect(written.machine.packages['@whiskeysockets/baileys']).toBe('7.0.0-rc14')
  const lines: { row: string; contender: string; figures: object; against: object }[] = written.lines
  const burst = lines.filter(({ row }) => row === 'direct burst of 20')
  expect(burst.map(({ contender }) => contender)).toEqual(['bare-memory', 'ours'])
  for (const { figures } of burst) {
    expect(figures).toMatchObject({ answered: { median: 20 }, messages_per_s: { median: expect.any(Number) } })
  }
  expect(burst[1]?.against).toMatchObject({ 'bare-memory': { median: expect.any(Number) } })
  expect(lines.filter(({ row }) => row.startsWith('resolver, '))).toHaveLength(3)
  expect(lines.filter(({ row }) => row.startsWith('policies, '))).toHaveLength(2)
  for (const { row, contender } of lines) expect(stdout).toMatch(new RegExp(`^${row} +${contender} `, 'm'))
}, 120_000)
