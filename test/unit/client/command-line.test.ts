import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { INLINE_MOST_BYTES, kindFor } from '../../../client/command/attachment.ts'
import { createRedraw } from '../../../client/terminal/redraw.ts'
import { checkClock } from '../../../client/checks/host.ts'
import { checkNode } from '../../../client/checks/node.ts'
import { inColumns } from '../../../client/terminal/columns.ts'
import { runCommandLine } from '../../../client/command-line.ts'
import { commandNamed, COMMANDS } from '../../../client/command-table.ts'
import { APPROVAL_STATUSES } from '../../../client/commands/approvals.ts'
import { SEND_STATUSES } from '../../../client/commands/sends.ts'
import { TURN_STATUSES } from '../../../client/commands/turns.ts'
import { jsonLine } from '../../../client/terminal/answer-text.ts'
import { LOG_LEVELS } from '../../../client/texts/log-entry.ts'
import { OPTIONS } from '../../../client/command/options.ts'
import { progressLine } from '../../../client/terminal/progress-bar.ts'
import { approvalSchema } from '../../../plugin/contract/api/approvals.ts'
import { sendRequest, sendStatusResponse } from '../../../plugin/contract/api/sends.ts'
import { turnRetryBody, turnSchema } from '../../../plugin/contract/api/turns.ts'
import { MEDIA_KINDS } from '../../../plugin/contract/content.ts'
import { MEDIA_TYPES } from '../../../plugin/contract/media.ts'
import { HOSTILE, hiddenIn, READABLE } from '../../support/plain-texts.ts'
import { createScreen } from '../../support/screen.ts'

const root = new URL('../../..', import.meta.url)

/** The words that a shell makes of an example. */
function wordsOf(example: string): string[] {
  const command = example.split('agentcy-whatsapp ').at(-1) ?? ''
  const words = command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []
  const end = words.findIndex(word => word === '|' || word === '>')
  return (end < 0 ? words : words.slice(0, end)).map(word => word.replace(/^(['"])(.*)\1$/, '$2'))
}

it.each([...HOSTILE, ...READABLE].map(([what, text]) => [what, text]))(
  'JSON hides nothing by %s, and says the same',
  (_, text) => {
    const line = jsonLine({ text })
    expect(hiddenIn(line)).toBeNull()
    expect(JSON.parse(line)).toEqual({ text })
  },
)

it('JSON hides nothing from who reads it, and says the same', () => {
  const said = { text: 'a\u009b31mb\u202Ec\u200Bd\u2028e\u{E0041}', file: 'שלום 👍' }
  const line = jsonLine(said)
  expect(line).toBe('{"text":"a\\u009b31mb\\u202ec\\u200bd\\u2028e\\udb40\\udc41","file":"שלום 👍"}')
  expect(JSON.parse(line)).toEqual(said)
})

describe('the help', () => {
  it.each(COMMANDS.map(command => [command.name, command] as const))(
    'of "%s" says what it takes, and its examples can be copied',
    async (name, { examples, options, parameters, place }) => {
      const { terminal, written } = createScreen({})
      expect(await runCommandLine([...name.split(' '), '--help'], terminal)).toBe(0)
      expect(written.out.split('\n')[0]).toBe(['agentcy-whatsapp', name, ...parameters].join(' '))
      for (const option of [...Object.keys(options), 'json']) expect(written.out).toContain(`  --${option} `)
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) {
        expect(written.out).toContain(example)
        expect(example.split('agentcy-whatsapp ').at(-1)?.startsWith(name)).toBe(true)
        if (place === 'machine') continue
        const asked = createScreen({})
        await runCommandLine(wordsOf(example), asked.terminal)
        expect(asked.written.err).toBe('AGENTCY_TOKEN is not set: set it to a bearer token of the host.\n')
      }
    },
  )

  it('lists all of it, as the README does', async () => {
    const { terminal, written } = createScreen({})
    expect(await runCommandLine(['-h'], terminal)).toBe(0)
    const readme = await readFile(new URL('client/README.md', root), 'utf8')
    const rows = [...readme.matchAll(/^\| `([^`]+)` +\| (.*?) +\|$/gm)].map(([, usage, what]) => [usage, what])
    const meant = COMMANDS.map(({ name, parameters, summary }) => [[name, ...parameters].join(' '), summary])
    expect(rows).toEqual(meant)
    for (const [usage = '', what = ''] of meant) {
      const lines = written.out.split('\n').filter(line => line.startsWith(`  ${usage} `) && line.endsWith(` ${what}`))
      expect(lines).toHaveLength(1)
    }
  })

  it('has no option that no command takes', () => {
    const taken = new Set(['help', 'json', ...COMMANDS.flatMap(({ options }) => Object.keys(options))])
    expect([...taken].toSorted()).toEqual(Object.keys(OPTIONS).toSorted())
  })

  it('offers what the API takes', () => {
    expect([...OPTIONS.as.choices].toSorted()).toEqual([...MEDIA_KINDS].toSorted())
    expect(APPROVAL_STATUSES).toEqual(approvalSchema.shape.status.options)
    expect(TURN_STATUSES).toEqual(turnSchema.shape.status.options)
    expect(SEND_STATUSES).toEqual(sendStatusResponse.shape.status.options)
    expect(OPTIONS.level.choices).toEqual(LOG_LEVELS)
    expect(OPTIONS.step.choices).toEqual(turnRetryBody.shape.step.unwrap().options)
  })
})

describe('a command that there is not', () => {
  const said = async (words: string): Promise<readonly [number, string]> => {
    const { terminal, written } = createScreen({ AGENTCY_TOKEN: 'secret' })
    const status = await runCommandLine(words.split(' '), terminal)
    expect(written.out).toBe('')
    return [status, written.err]
  }
  const all = '"agentcy-whatsapp --help" lists all commands.\n'

  it.each([
    ['nonsense', `Unknown command "nonsense".\n${all}`],
    ['stauts', `Unknown command "stauts". Did you mean "status"?\n${all}`],
    ['STATUS', `Unknown command "STATUS". Did you mean "status"?\n${all}`],
    ['sned +972500000002 hello', `Unknown command "sned". Did you mean "send"?\n${all}`],
    ['binding list', `Unknown command "binding list". Did you mean "bindings list"?\n${all}`],
    ['list-bindings --json', `Unknown command "list-bindings".\n${all}`],
    ['docter --help', `Unknown command "docter". Did you mean "doctor"?\n${all}`],
    [`\u001b[31mred`, `Unknown command "\\u{1b}[31mred".\n${all}`],
    [
      'bindings crate echo',
      'Unknown command "bindings crate". Did you mean "bindings create"?\n"agentcy-whatsapp bindings --help" lists those of this group.\n',
    ],
    [
      'policies frobnicate --help',
      'Unknown command "policies frobnicate".\n"agentcy-whatsapp policies --help" lists those of this group.\n',
    ],
  ])('is called so: %s', async (words, sentence) => {
    expect(await said(words)).toEqual([2, sentence])
  })

  it('is taken for the one that it was meant to be, whatever letter is missing', async () => {
    for (const { name } of COMMANDS)
      for (let at = 1; at < name.length - 1; at += 1) {
        const written = name.slice(0, at) + name.slice(at + 1)
        // As "send list", which names another command.
        if (commandNamed(written.split(' '))) continue
        const [status, sentence] = await said(written)
        expect([status, sentence]).toEqual([2, expect.stringContaining(`Did you mean "${name}"?\n`)])
      }
  })

  it('is not what names a group, or nothing', async () => {
    expect((await said('bindings'))[1]).toContain('  bindings create <agent> ')
    const { terminal, written } = createScreen({})
    expect(await runCommandLine([], terminal)).toBe(2)
    expect(written.err).toContain('agentcy-whatsapp <command>')
  })
})

describe('what is drawn', () => {
  it('a bar is as full as the share that is done, and never fuller than it can be', () => {
    expect(progressLine('up', 0, 5_000_000)).toBe(`up ${'░'.repeat(24)}   0%  0.0 of 5.0 MB`)
    expect(progressLine('up', 2_500_000, 5_000_000)).toBe(`up ${'█'.repeat(12)}${'░'.repeat(12)}  50%  2.5 of 5.0 MB`)
    expect(progressLine('up', 6_000_000, 5_000_000)).toBe(`up ${'█'.repeat(24)} 100%  6.0 of 5.0 MB`)
  })

  it('columns stand under each other, whatever colours their cells have', () => {
    expect(
      inColumns([
        ['id', 'status', ''],
        ['a', '\u001b[32mok\u001b[39m', 'x'],
        ['bcd', 'denied', ''],
      ]),
    ).toEqual(['id   status', 'a    \u001b[32mok\u001b[39m      x', 'bcd  denied'])
  })

  it('what took more rows than lines is erased whole, and in a pipe nothing is', () => {
    const onTerminal = createScreen({}, { isTTY: true })
    const draw = createRedraw({ ...onTerminal.terminal.out, columns: 10 })
    draw(['\u001b[32m0123456789\u001b[39m', '01234567890'])
    draw(['second'])
    expect(onTerminal.written.out.split('\u001b[3A\u001b[J')).toHaveLength(2)
    const piped = createScreen({})
    const print = createRedraw(piped.terminal.out)
    print(['first'])
    print(['second'])
    expect(piped.written.out).toBe('first\nsecond\n')
  })
})

describe('a file', () => {
  it('is shown as what it is where phones can, else as a document', () => {
    const shown = ['image/png', 'video/mp4', 'audio/mpeg', 'application/pdf', 'image/tiff', undefined]
    expect(shown.map(kindFor)).toEqual(['image', 'video', 'audio', 'document', 'document', 'document'])
    for (const mime of ['image/webp', 'video/quicktime', 'audio/x-m4a']) {
      const kind = kindFor(mime)
      expect(kind !== 'document' && MEDIA_TYPES[kind].test(mime)).toBe(true)
    }
  })

  it('goes within the request up to what a request carries', () => {
    const withBytes = (count: number) => {
      const media = { kind: 'document', data: Buffer.alloc(count).toString('base64') }
      return sendRequest.safeParse({ to: '+972500000002', media }).success
    }
    expect([withBytes(INLINE_MOST_BYTES), withBytes(INLINE_MOST_BYTES + 1)]).toEqual([true, false])
  })
})

describe('the doctor', () => {
  it('wants the Node that the package wants', async () => {
    const { engines } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
      engines: { node: string }
    }
    const least = engines.node.replace('>=', '')
    expect(checkNode(`${least}.0`).ok).toBe(true)
    expect(['18.20.0', '20.18.3'].map(version => checkNode(version).ok)).toEqual([false, false])
    expect(['22.0.0', '24.1.0'].map(version => checkNode(version).ok)).toEqual([true, true])
  })

  it('compares the clock with that of the host, when it has one', () => {
    const date = 'Fri, 02 Jan 2026 03:04:05 GMT'
    const at = Date.parse(date)
    expect(checkClock(null, at)).toEqual([])
    expect(checkClock(date, at + 1_500)).toMatchObject([{ ok: true }])
    expect(checkClock(date, at + 90_000)).toMatchObject([
      { ok: false, says: 'It is 90 s ahead of the clock of the host.' },
    ])
    expect(checkClock(date, at - 90_000)).toMatchObject([
      { ok: false, says: 'It is 90 s behind the clock of the host.' },
    ])
  })

  it('says so when there is no host, and what to do about each thing that is missing', async () => {
    const { terminal, written } = createScreen({
      AGENTCY_HOME: '/nowhere/agentcy',
      OPENFANG_HOME: '/nowhere/openfang',
      AGENTCY_URL: 'http://127.0.0.1:9',
      OPA_PATH: '/nowhere/opa',
    })
    expect(await runCommandLine(['doctor'], terminal)).toBe(1)
    expect(written.out).toContain('ok      modes of AGENTCY_HOME: /nowhere/agentcy does not exist yet')
    expect(written.out).toContain('not ok  opa: /nowhere/opa in OPA_PATH does not run.\n        → Install opa')
    expect(written.out).toContain('not ok  host: No Agentcy host answers at http://127.0.0.1:9.\n        → Start it')
  })
})
