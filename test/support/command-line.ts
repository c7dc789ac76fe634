import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { expect } from 'vitest'
import type { z } from 'zod'

const CLI = fileURLToPath(new URL('../../dist/client/cli.js', import.meta.url))
const PATIENCE_MS = 30_000
const COLUMNS = 120

/** How a command ended. In a pseudo-terminal `out` is all that was on it, and `err` is empty. */
export type Ended = { readonly status: number | null; readonly out: string; readonly err: string }

/** A command that runs. */
export type Running = {
  /** Resolves with all that was printed once it fits; fails when the command ends before, or after 30 s. */
  until(fits: (out: string) => boolean): Promise<string>
  /** As Ctrl-C or `kill` does. */
  interrupt(): void
  /** Ends the input, and waits until the command has ended. */
  readonly ended: Promise<Ended>
}

/** The built command line, as somebody uses it who has this environment. */
export type CommandLine = Disposable & {
  /** In a pseudo-terminal. */
  onTerminal(words: readonly string[], more?: Readonly<Record<string, string>>): Running
  /** With its output piped, and this as its input. */
  piped(words: readonly string[], input?: string): Running
  /** What a command draws in a pseudo-terminal, by its end; fails when the command does. */
  shown(words: readonly string[]): Promise<string>
  /** What it answers as JSON when it is piped, checked against the contract; fails when the command does. */
  told<Schema extends z.ZodType>(schema: Schema, words: readonly string[], input?: string): Promise<z.infer<Schema>>
}

/** What steers a terminal begins with it. */
export const ESCAPE = '\u001b'

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** What util-linux' `script` runs a command with is a terminal to it; `stty` says how large. */
function inPseudoTerminal(words: readonly string[], env: Record<string, string>): ChildProcess {
  const command = [process.execPath, CLI, ...words].map(quoted).join(' ')
  const sized = `stty cols ${COLUMNS} rows 60; exec ${command}`
  return spawn('script', ['-qec', sized, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' }, stdio: 'pipe' })
}

function follow(child: ChildProcess, interrupt: () => void): Running {
  const printed = { out: '', err: '' }
  let look = (): void => undefined
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk
      look()
    })
  }
  const ended = once(child, 'close').then(([status]: (number | null)[]) => ({ status: status ?? null, ...printed }))
  const until = (fits: (out: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const fail = (why: string) => () => reject(new Error(`${why}: ${printed.out.slice(-2_000)}${printed.err}`))
      const patience = setTimeout(fail('it was not printed in time'), PATIENCE_MS)
      look = () => {
        if (!fits(printed.out)) return
        clearTimeout(patience)
        resolve(printed.out)
      }
      void ended.then(fail('it ended before that was printed')).finally(() => clearTimeout(patience))
      look()
    })
  return { until, ended, interrupt }
}

/** A command line for a host; what is left running ends with the block. */
export function commandLine(environment: Readonly<Record<string, string>>): CommandLine {
  const children: ChildProcess[] = []
  const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', ...environment }
  const kept = (child: ChildProcess): ChildProcess => {
    children.push(child)
    return child
  }
  const onTerminal: CommandLine['onTerminal'] = (words, more = {}) => {
    const child = kept(inPseudoTerminal(words, { ...env, ...more }))
    return follow(child, () => void child.stdin?.write('\u0003'))
  }
  const piped: CommandLine['piped'] = (words, input = '') => {
    const child = kept(spawn(process.execPath, [CLI, ...words], { env, stdio: 'pipe' }))
    child.stdin?.end(input)
    return follow(child, () => void child.kill('SIGINT'))
  }
  return {
    onTerminal,
    piped,
    async shown(words) {
      const { status, out } = await onTerminal(words).ended
      expect([status, out]).toEqual([0, out])
      return out.replaceAll('\r', '')
    },
    async told(schema, words, input) {
      const ended = await piped([...words, '--json'], input).ended
      expect(ended).toMatchObject({ status: 0, err: '' })
      expect(ended.out).not.toContain(ESCAPE)
      return schema.parse(JSON.parse(ended.out))
    },
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}
