import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { runCommandLine } from '../../../client/command-line.ts'
import { plainText } from '../../../plugin/contract/plain-text.ts'
import { HOSTILE, hiddenIn } from '../../support/plain-texts.ts'
import { createScreen } from '../../support/screen.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const TIME = '2026-01-02T03:04:05.000Z'
const entry = (level: string | number, msg: string, more: object = {}): string =>
  `${JSON.stringify({ level, time: TIME, ...more, msg })}\n`

async function told(argv: readonly string[], environment: Record<string, string>, input = '') {
  const { terminal, written } = createScreen(environment, { input })
  return { status: await runCommandLine(['logs', ...argv], terminal), ...written }
}

describe('logs', () => {
  it('prints the last lines of the log below AGENTCY_HOME, for a person and as they are', async () => {
    await using folder = await temporaryFolder()
    const lines = [
      entry('info', 'host started', { port: 8080 }),
      entry('warn', 'turn failed', { code: 'agent_failed' }),
    ]
    await writeFile(join(folder.path, 'host.log'), lines.join(''))
    const home = { AGENTCY_HOME: folder.path }
    expect((await told([], home)).out).toBe(
      `${TIME} info  host started port=8080\n${TIME} warn  turn failed code=agent_failed\n`,
    )
    expect((await told(['-n', '1'], home)).out).toBe(`${TIME} warn  turn failed code=agent_failed\n`)
    expect((await told(['--json'], home)).out).toBe(lines.join(''))
  })

  it('says so where there is none, and what to do', async () => {
    await using folder = await temporaryFolder()
    const { status, out, err } = await told([], { AGENTCY_HOME: folder.path })
    expect([status, out]).toEqual([1, ''])
    expect(err).toContain(`There is no log at ${join(folder.path, 'host.log')}.\n`)
    expect(err).toContain(`npm start 2>>${join(folder.path, 'host.log')}`)
    const unreadable = await told([folder.path], {})
    expect([unreadable.status, unreadable.err]).toEqual([1, `${folder.path} cannot be read (EISDIR).\n`])
  })

  it('shows what is as grave as is asked for, and what nobody knows the gravity of', async () => {
    const input = [
      entry('debug', 'a'),
      entry('info', 'b'),
      entry(40, 'c'),
      entry('error', 'd'),
      entry('loud', 'e'),
      'Error: thrown\n',
      '[1]\n',
      '\n',
      entry('info', 'f').trimEnd(),
    ].join('')
    const shown = async (...argv: string[]) =>
      (await told(['-', ...argv], {}, input)).out
        .trimEnd()
        .split('\n')
        .map(line => line.replace(`${TIME} `, ''))
    const unknown = [`{"level":"loud","time":"${TIME}","msg":"e"}`, 'Error: thrown', '[1]']
    expect(await shown('--level', 'warn')).toEqual(['warn  c', 'error d', ...unknown])
    expect(await shown('--level', 'trace')).toEqual(['debug a', 'info  b', 'warn  c', 'error d', ...unknown, 'info  f'])
    expect(await shown('--level', 'warn', '-n', '4')).toEqual(['error d', ...unknown])
  })

  it.each(HOSTILE)('hides nothing by %s', async (_, text) => {
    const { out } = await told(['-'], {}, entry('info', text, { [text]: 1 }) + `${text.replaceAll('\n', '')}\n`)
    expect(hiddenIn(out.replaceAll('\n', ' '))).toBeNull()
    expect(out).toContain(plainText(text.replaceAll('\n', '')))
  })

  it.each(['-n', '--level'])('is called wrongly with %s and no such value', async option => {
    expect((await told([`-`, option, 'loud'], {})).status).toBe(2)
  })

  it('follows what is added, and the file that takes its place, until it is ended', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'host.log')
    await writeFile(path, entry('info', 'one') + entry('info', 'two'))
    const screen = createScreen({})
    const status = runCommandLine(['logs', path, '--follow', '-n', '1'], screen.terminal)
    await screen.until(/two/)
    await appendFile(path, entry('info', 'three').slice(0, 20))
    await appendFile(path, entry('info', 'three').slice(20))
    await screen.until(/three/)
    await writeFile(path, entry('info', '4'))
    await screen.until(/ 4\n/)
    await writeFile(join(folder.path, 'next'), entry('info', 'a new file, as long as it likes to be: five'))
    await rename(join(folder.path, 'next'), path)
    await screen.until(/five/)
    screen.end()
    expect(await status).toBe(0)
    expect(screen.written.out).not.toContain('one')
  })
})
