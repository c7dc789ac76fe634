import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBinaryNode } from '@whiskeysockets/baileys'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { readEnvironment } from '../../../plugin/config/environment.ts'
import { DEFAULT_ACCOUNT, parseOrgId, type AccountKey } from '../../../plugin/contract/ids.ts'
import { openTrace, TRACE_BOUNDS } from '../../../plugin/gateway/stanzas/trace.ts'
import { chatWith, startGateway, type LogLine } from '../../support/gateway.ts'
import { startNetwork } from '../../support/network.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const KEY: AccountKey = { org: parseOrgId('org_local') ?? never(), account: DEFAULT_ACCOUNT }
const SECRET_TEXT = 'nobody else may read this'

function never(): never {
  throw new TypeError('no such org')
}

let home: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => void (home = await temporaryFolder()))
afterAll(() => home[Symbol.asyncDispose]())

type Line = { at: string; way: 'in' | 'out' | 'line'; stanza?: { tag: string; attrs?: Record<string, unknown> } }

function traced(folder: string): { text: string; lines: Line[]; files: string[] } {
  const files = readdirSync(folder)
  const text = files.map(name => readFileSync(join(folder, name), 'utf8')).join('')
  return {
    text,
    lines: text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Line),
    files,
  }
}

const kinds = (lines: readonly Line[], way: Line['way']): string[] => [
  ...new Set(lines.filter(line => line.way === way).map(({ stanza }) => stanza?.tag ?? '')),
]

it('writes which stanzas came and went, and nothing of who or what they are about', async () => {
  await using network = await startNetwork()
  const folder = join(home.path, 'trace')
  const environment = { ...process.env, WHATSAPP_TRACE: folder }
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  {
    await using gateway = await startGateway({ network, environment })
    await gateway.link(owner)
    await alice.says(SECRET_TEXT, { to: owner })
    await gateway.entry(entry => entry.kind === 'message')
    expect(await gateway.say(chatWith(alice), 'ANSWERED01', `I said: ${SECRET_TEXT}`)).toMatchObject({
      outcome: 'sent',
    })
    await alice.hears(({ own }) => !own, { from: owner })
    // A server may write anything anywhere.
    const hostile = {
      [alice.phone]: alice.lid,
      type: alice.phone,
      class: `a${alice.lid}`,
      code: SECRET_TEXT,
      reason: 'gone',
    }
    await network.faults.write(owner, [
      encodeBinaryNode({ tag: `t${alice.phone.slice(1)}`, attrs: hostile, content: SECRET_TEXT }),
    ])
    await alice.says('again', { to: owner })
    await gateway.entry(
      entry => entry.kind === 'message' && 'text' in entry.message.content && entry.message.content.text === 'again',
    )
  }
  const { text, lines, files } = traced(folder)
  expect(kinds(lines, 'in')).toEqual(
    expect.arrayContaining(['success', 'ib', 'iq', 'message', 'ack', 'notification'].slice(0, 5)),
  )
  expect(kinds(lines, 'out')).toEqual(expect.arrayContaining(['iq', 'receipt', 'message']))
  expect(lines.filter(({ way }) => way === 'line').length).toBe(2)
  const hostile = lines.find(({ stanza }) => stanza?.attrs?.['reason'] === 'gone')
  expect(hostile?.stanza).toEqual({
    tag: `#${alice.phone.length}`,
    attrs: {
      [`#${alice.phone.length}`]: alice.lid.length,
      type: alice.phone.length,
      class: 16,
      code: 25,
      reason: 'gone',
    },
    content: SECRET_TEXT.length,
  })
  const sent = lines.find(({ way, stanza }) => way === 'out' && stanza?.tag === 'message')
  expect(sent?.stanza?.attrs).toMatchObject({ id: 'ANSWERED01'.length, type: 'text' })
  for (const { phone, lid, name } of [owner, alice]) {
    for (const word of [phone.slice(1), lid, name]) expect(text).not.toContain(word)
  }
  expect(text).not.toMatch(/ANSWERED01|nobody else|@|\d{8,}/)
  expect(text).not.toMatch(/[A-Za-z0-9+/=]{33,}/)
  expect([statSync(folder).mode & 0o777, files.length]).toEqual([0o700, 1])
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
})

const silent = (lines: LogLine[]) => {
  const log = (level: string) => (fields: LogLine['fields'], event: string) => void lines.push({ level, event, fields })
  return { trace: log('trace'), debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

const STANZA = { tag: 'ack', attrs: { class: 'message' } }
const details = (lines: readonly LogLine[]): unknown[] => lines.map(({ event, fields }) => [event, fields['detail']])

it('ends by itself after so many bytes and after a day, counting what earlier processes wrote, and says so once', async () => {
  const folder = join(home.path, 'bounded')
  const lines: LogLine[] = []
  let now = 1_800_000_000_000
  const parts = { log: silent(lines), now: () => now }
  const first = openTrace(folder, { ...parts, bounds: { bytes: 300, ms: 86_400_000 } }).of(KEY)
  for (let written = 0; written < 50; written += 1) first?.came(STANZA)
  expect(details(lines)).toEqual([['trace ended', expect.stringContaining('its folder holds 50 MB')]])
  await expect.poll(() => traced(folder).text.length).toBeGreaterThan(200)
  expect(traced(folder).text.length).toBeLessThan(400)
  expect(openTrace(folder, { ...parts, bounds: { bytes: 300, ms: 86_400_000 } }).of(KEY)).toBeNull()

  now += 86_400_000
  lines.length = 0
  expect(openTrace(folder, { ...parts, bounds: TRACE_BOUNDS }).of(KEY)).toBeNull()
  expect(details(lines)).toEqual([['trace ended', expect.stringContaining('it began 24 hours ago')]])
})

it('goes on without a trace when the file cannot be written, and says so once', async () => {
  const folder = join(home.path, 'full')
  const lines: LogLine[] = []
  const trace = openTrace(folder, { log: silent(lines), now: () => 1, bounds: TRACE_BOUNDS })
  mkdirSync(join(folder, 'trace-1-org_local-default.jsonl'))
  const account = trace.of(KEY)
  account?.came(STANZA)
  await expect.poll(() => lines.length).toBe(1)
  account?.came(STANZA)
  expect(details(lines)).toEqual([['trace ended', expect.stringContaining('it cannot be written (')]])
})

it('refuses a folder that others may open, one that is a file, and one that is not named from the root', () => {
  const open = join(home.path, 'open')
  mkdirSync(open)
  chmodSync(open, 0o755)
  const file = join(home.path, 'file')
  writeFileSync(file, '')
  const lines: LogLine[] = []
  expect(openTrace(open, { log: silent(lines), now: Date.now, bounds: TRACE_BOUNDS }).of(KEY)).toBeNull()
  expect(details(lines)).toEqual([['trace refused', expect.stringContaining(`${open} has mode 0755`)]])
  const refusal = (folder: string): unknown => {
    try {
      readEnvironment({ WHATSAPP_TRACE: folder })
      return null
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(refusal(open)).toContain('WHATSAPP_TRACE')
  expect(refusal(file)).toContain('is not a folder')
  expect(refusal('trace')).toContain('from the root')
  expect(refusal(join(home.path, 'new'))).toBeNull()
})
