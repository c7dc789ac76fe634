import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** One bad file per row of the import table, and the sentence with which lint refuses it. */
const trespasses: { file: string; imports: string; refusal: string }[] = [
  { file: 'plugin/channel.ts', imports: './gateway/journal.ts', refusal: 'nothing outside imports from the gateway' },
  {
    file: 'plugin/supervisor.ts',
    imports: './gateway/process.ts',
    refusal: 'nothing outside imports from the gateway',
  },
  { file: 'plugin/inbox.ts', imports: './gateway/journal.ts', refusal: 'nothing outside imports from the gateway' },
  { file: 'plugin/channel.ts', imports: '@whiskeysockets/baileys', refusal: 'only plugin/gateway speaks WhatsApp' },
  { file: 'plugin/api/rest.ts', imports: '@whiskeysockets/baileys', refusal: 'only plugin/gateway speaks WhatsApp' },
  { file: 'plugin/store/sends.ts', imports: 'libsignal', refusal: 'only plugin/gateway speaks WhatsApp' },
  { file: 'plugin/channel.ts', imports: 'better-sqlite3', refusal: 'only plugin/store speaks SQL' },
  { file: 'plugin/turn.ts', imports: 'kysely', refusal: 'only plugin/store speaks SQL' },
  { file: 'plugin/gateway/account.ts', imports: 'better-sqlite3', refusal: "only the account's file speaks SQL here" },
  { file: 'plugin/gateway/journal.ts', imports: 'kysely', refusal: "the account's file is spoken to directly" },
  { file: 'plugin/gateway/account.ts', imports: '../resolver.ts', refusal: 'the gateway sees the contract' },
  { file: 'plugin/gateway/journal.ts', imports: '../store/database.ts', refusal: 'the gateway sees the contract' },
  { file: 'plugin/inbox.ts', imports: './resolver.ts', refusal: 'a stage never imports a stage' },
  { file: 'plugin/resolver.ts', imports: './turn.ts', refusal: 'a stage never imports a stage' },
  { file: 'plugin/turn.ts', imports: './outbox.ts', refusal: 'a stage never imports a stage' },
  { file: 'plugin/outbox.ts', imports: './supervisor.ts', refusal: 'a stage never imports a stage' },
  { file: 'plugin/store/sends.ts', imports: '../outbox.ts', refusal: 'the store sees the contract' },
  { file: 'plugin/api/router.ts', imports: '../channel.ts', refusal: 'the api sees the contract' },
  { file: 'plugin/contract/message.ts', imports: '../config.ts', refusal: 'the contract is a leaf' },
  { file: 'plugin/contract/message.ts', imports: 'kysely', refusal: 'the contract is a leaf' },
  { file: 'plugin/main.ts', imports: '../host-stub/main.ts', refusal: 'never import the host' },
  { file: 'host-stub/agentcy/host.ts', imports: '../../plugin/main.ts', refusal: 'only its types are visible' },
  { file: 'client/client.ts', imports: '../plugin/api/router.ts', refusal: 'only its types are visible' },
  { file: 'plugin/web/links.ts', imports: '../api/router.ts', refusal: 'the page sees of the plugin only its types' },
  { file: 'plugin/web/links.ts', imports: '../store/schema.ts', refusal: 'the page runs in a browser' },
  {
    file: 'host-stub/phone-page/control.ts',
    imports: '../whatsapp/ledger.ts',
    refusal: 'sees of the network only its types',
  },
  { file: 'host-stub/phone-page/control.ts', imports: 'node:fs', refusal: 'runs in a browser' },
  { file: 'host-stub/demo.ts', imports: '@whiskeysockets/baileys', refusal: 'neither WhatsApp nor SQL is spoken here' },
  {
    file: 'host-stub/agentcy/audit/audit-log.ts',
    imports: 'better-sqlite3',
    refusal: 'neither WhatsApp nor SQL is spoken here',
  },
  { file: 'host-stub/agentcy/audit/audit-store.ts', imports: 'kysely', refusal: "the audit log's file is spoken to" },
  {
    file: 'host-stub/agentcy/audit/audit-store.ts',
    imports: '../../../plugin/files/flush.ts',
    refusal: 'only its types are visible',
  },
  { file: 'host-stub/whatsapp/phone.ts', imports: '../../plugin/main.ts', refusal: 'knows neither plugin nor host' },
  { file: 'host-stub/whatsapp/phone.ts', imports: 'libsignal/src/curve.js', refusal: 'own strict signature code' },
  { file: 'host-stub/whatsapp/phone.ts', imports: '@whiskeysockets/baileys', refusal: 'only proto' },
]

async function emptyProject(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'import-rules-'))
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

type Finding = { message: string; help: string; code: string; filename: string }

/** What lint says of a folder that holds these files. */
async function findings(files: Map<string, string>): Promise<Finding[]> {
  await using project = await emptyProject()
  for (const [file, source] of files) {
    await mkdir(dirname(join(project.folder, file)), { recursive: true })
    await writeFile(join(project.folder, file), source)
  }
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const run = await promisify(execFile)(oxlint, ['--format', 'json'], { cwd: project.folder }).catch(
    (failure: { stdout: string }) => failure,
  )
  return (JSON.parse(run.stdout) as { diagnostics: Finding[] }).diagnostics
}

describe('the import table', () => {
  let found: Finding[]

  beforeAll(async () => {
    const files = new Map<string, string>()
    for (const { file, imports } of trespasses) {
      const lines = (files.get(file) ?? '').split('\n').length
      const line = `import { makeWASocket as name${lines} } from '${imports}'; name${lines}()\n`
      files.set(file, (files.get(file) ?? '') + line)
    }
    found = await findings(files)
  })

  it.each(trespasses)('refuses $imports in $file', ({ file, imports, refusal }) => {
    const rows = found.filter(row => row.filename === file && row.message.includes(`'${imports}'`))
    expect(rows.map(row => `${row.message} ${row.help}`).join('\n')).toContain(refusal)
  })

  it('lets the host see the types of the plugin', async () => {
    const source = "import type { Host } from '../../plugin/contract/host.ts'\nexport type Mine = Host\n"
    expect(await findings(new Map([['host-stub/agentcy/host.ts', source]]))).toEqual([])
  })

  it('lets page, client and host show texts by the one function that there is', async () => {
    const source = (path: string) => `import { plainText } from '${path}'\nexport const shown = plainText('x')\n`
    const files = new Map([
      ['plugin/web/plainly.ts', source('../contract/plain-text.ts')],
      ['client/answer.ts', source('../plugin/contract/plain-text.ts')],
      ['host-stub/agentcy/log.ts', source('../../plugin/contract/plain-text.ts')],
    ])
    expect(await findings(files)).toEqual([])
  })

  it('lets one file of the audit log speak SQL', async () => {
    const source = "import Sqlite from 'better-sqlite3'\nexport const open = (file: string) => new Sqlite(file)\n"
    expect(await findings(new Map([['host-stub/agentcy/audit/audit-store.ts', source]]))).toEqual([])
  })

  it('refuses a cycle', async () => {
    const one = "import { two } from './two.ts'\nexport const one = () => two\n"
    const two = "import { one } from './one.ts'\nexport const two = () => one\n"
    const rows = await findings(
      new Map([
        ['client/one.ts', one],
        ['client/two.ts', two],
      ]),
    )
    expect(rows.map(row => row.code)).toContain('import(no-cycle)')
  })
})
