import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { asksForHelp, usage } from '../../bench/options.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { scripts: Record<string, string> }

/** The programs of ours that people run by a name, and the words that each is run with. */
const programs = Object.entries(scripts).flatMap(([name, script]) => {
  const words = /^(?:exec )?node ((?:dist\/host-stub\/|test\/run\.mjs)\S*.*)$/.exec(script)?.[1]
  return words === undefined ? [] : [[name, words.split(' ')] as const]
})

const run = (words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words], { cwd: root, encoding: 'utf8' })
  return { status, stdout, stderr }
}

it('are all of them', () => {
  expect(programs.map(([name]) => name)).toEqual([
    'start',
    'demo',
    'phone',
    'token',
    'sweep',
    'soak',
    'attack',
    'structure',
    'tables',
  ])
})

it.each(programs)('npm run %s says how it is used, and what it does not know', (name, words) => {
  for (const asked of ['--help', '-h']) {
    const { status, stdout, stderr } = run([...words, asked])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^ {2}npm (?:run )?${name}\\b`, 'm'))
  }
  const wrong = run([...words, '--nonsense'])
  expect(wrong.status).not.toBe(0)
  expect(wrong.stderr).toMatch(/^Unknown option '--nonsense'.*\n$/)
})

it('the bench says how it is used', () => {
  expect([['--help'], ['--quick', '-h'], ['--quick'], []].map(asksForHelp)).toEqual([true, true, false, false])
  expect(usage).toContain('npm run bench -- ')
})
