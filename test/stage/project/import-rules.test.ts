import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { beforeAll, describe, expect, it } from 'vitest'

import { CLIENT_FOLDERS, FOLDERS, NETWORK_FOLDERS, SUBFOLDERS, WEB_FOLDERS } from '../../structure/import-table.mjs'

const root = resolve(import.meta.dirname, '../../..')
const CONFIG = 'oxlint.config.mjs'
const TABLE = 'test/structure/import-table.mjs'

/** One bad file per row: what is wrong with it, and the sentence with which lint refuses it. */
const trespasses: { file: string; imports: string; refusal: string }[] = [
  { file: 'plugin/main.ts', imports: './gateway/process.ts', refusal: 'nothing outside imports from the gateway' },
  { file: 'plugin/main.ts', imports: '../host-stub/main.ts', refusal: 'never import the host' },
  { file: 'plugin/channel/channel.ts', imports: '@whiskeysockets/baileys', refusal: 'only plugin/gateway speaks' },
  { file: 'plugin/api/rest/rest.ts', imports: '@whiskeysockets/baileys', refusal: 'only plugin/gateway speaks' },
  { file: 'plugin/store/sends/sends.ts', imports: 'libsignal', refusal: 'only plugin/gateway speaks WhatsApp' },
  { file: 'plugin/channel/channel.ts', imports: 'better-sqlite3', refusal: 'only plugin/store speaks SQL' },
  { file: 'plugin/turns/turn-runner.ts', imports: 'kysely', refusal: 'only plugin/store speaks SQL' },
  {
    file: 'plugin/contract/api/sends.ts',
    imports: '../../config/settings.ts',
    refusal: 'plugin/contract imports nothing',
  },
  { file: 'plugin/contract/message.ts', imports: 'kysely', refusal: 'only plugin/store speaks SQL' },
  { file: 'plugin/gateway/account/account.ts', imports: 'better-sqlite3', refusal: 'gateway/tables speak SQL here' },
  { file: 'plugin/gateway/process.ts', imports: 'better-sqlite3', refusal: 'gateway/tables speak SQL here' },
  { file: 'plugin/gateway/tables/journal.ts', imports: 'kysely', refusal: 'spoken to directly' },
  { file: 'host-stub/agentcy/host.ts', imports: '../../plugin/main.ts', refusal: 'only its types are visible' },
  { file: 'client/client.ts', imports: '../plugin/api/trpc/router.ts', refusal: 'only its types are visible' },
  { file: 'client/client.ts', imports: '../host-stub/demo.ts', refusal: 'never import the host' },
  { file: 'client/texts/days.ts', imports: '../../host-stub/demo.ts', refusal: 'never import the host' },
  { file: 'client/texts/days.ts', imports: '../../plugin/main.ts', refusal: 'only its types are visible' },
  {
    file: 'plugin/web/data/links.ts',
    imports: '../../api/trpc/router.ts',
    refusal: 'the page sees of the plugin only its types',
  },
  { file: 'plugin/web/data/links.ts', imports: '../../store/sql/schema.ts', refusal: 'the page runs in a browser' },
  {
    file: 'host-stub/phone-page/control.ts',
    imports: '../whatsapp/world/ledger.ts',
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
  for (const file of [CONFIG, TABLE]) await cp(join(root, file), join(folder, file))
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
  const run = await promisify(execFile)(oxlint, ['-c', CONFIG, '--format', 'json'], { cwd: project.folder }).catch(
    (failure: { stdout: string }) => failure,
  )
  return (JSON.parse(run.stdout) as { diagnostics: Finding[] }).diagnostics
}

/** A folder, and what of the others it may import and what it may not, as it would write that. */
type Row = { folder: string; may: readonly string[]; mayNot: readonly string[] }
type Imports = Readonly<Record<string, readonly string[]>>

const at = (up: string, names: readonly string[]): string[] =>
  names.map(name => (name.endsWith('.ts') ? `${up}${name}` : `${up}${name}/one.ts`))

const rowsOf = (place: string, table: Imports): Row[] =>
  Object.entries(table).map(([name, others]) => {
    const mayNot = Object.keys(table).filter(each => each !== name && !others.includes(each))
    return { folder: `${place}/${name}`, may: at('../', others), mayNot: at('../', mayNot) }
  })

const folders = rowsOf('plugin', FOLDERS)
const subfolders: Row[] = Object.entries(SUBFOLDERS).flatMap(([folder, below]) => {
  const outside = folders.find(row => row.folder === `plugin/${folder}`)
  const further = (paths: readonly string[] = []): string[] => paths.map(path => `../${path}`)
  return rowsOf(`plugin/${folder}`, below).map(row => ({
    ...row,
    may: [...row.may, ...further(outside?.may)],
    mayNot: [...row.mayNot, ...further(outside?.mayNot)],
  }))
})

const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? entry.name : []))

describe('what each folder imports', () => {
  const rows = [
    ...folders,
    ...subfolders,
    ...rowsOf('host-stub/whatsapp', NETWORK_FOLDERS),
    ...rowsOf('plugin/web', WEB_FOLDERS),
    ...rowsOf('client', CLIENT_FOLDERS),
  ]
  let found: Finding[]

  beforeAll(async () => {
    const source = ({ may, mayNot }: Row): string =>
      [...may, ...mayNot].map((path, n) => `import { a as a${n} } from '${path}'; a${n}()\n`).join('')
    found = await findings(new Map(rows.map(row => [`${row.folder}/bad.ts`, source(row)])))
  })

  it.each(rows)('$folder: what the table says, and nothing else', ({ folder, mayNot }) => {
    const refused = found.filter(({ filename, help }) => {
      return filename === `${folder}/bad.ts` && help.includes(`${folder} imports `)
    })
    expect(refused.flatMap(({ message }) => /'([^']+)'/.exec(message)?.[1] ?? []).toSorted()).toEqual(mayNot.toSorted())
  })

  it('the table has each folder that there is', () => {
    // The starter policies are no code.
    expect(
      foldersIn('plugin')
        .filter(name => name !== 'web')
        .toSorted(),
    ).toEqual(Object.keys(FOLDERS).toSorted())
    expect(foldersIn('client').toSorted()).toEqual(Object.keys(CLIENT_FOLDERS).toSorted())
    expect(foldersIn('plugin/web').toSorted()).toEqual(Object.keys(WEB_FOLDERS).toSorted())
    expect(foldersIn('host-stub/whatsapp').toSorted()).toEqual(Object.keys(NETWORK_FOLDERS).toSorted())
    for (const [folder, below] of Object.entries(SUBFOLDERS)) {
      const there = foldersIn(`plugin/${folder}`).filter(name => name !== 'starter')
      expect(there.toSorted(), folder).toEqual(Object.keys(below).toSorted())
    }
  })
})

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
      ['plugin/web/shell/plainly.ts', source('../../contract/plain-text.ts')],
      ['client/answer.ts', source('../plugin/contract/plain-text.ts')],
      ['host-stub/agentcy/log.ts', source('../../plugin/contract/plain-text.ts')],
    ])
    expect(await findings(files)).toEqual([])
  })

  it('lets one file of the audit log speak SQL', async () => {
    const source = "import Sqlite from 'better-sqlite3'\nexport const open = (file: string) => new Sqlite(file)\n"
    expect(await findings(new Map([['host-stub/agentcy/audit/audit-store.ts', source]]))).toEqual([])
  })

  it('lets one file of the plugin open streams of files', async () => {
    const source =
      "import { createReadStream } from 'node:fs'\nexport const open = (file: string) => createReadStream(file)\n"
    const places = ['files/read-file.ts', 'media/spool.ts', 'gateway/media/upload.ts', 'channel/channel.ts']
    const rows = await findings(new Map(places.map(place => [`plugin/${place}`, source])))
    expect(rows.map(row => row.filename).toSorted()).toEqual(
      places
        .slice(1)
        .map(place => `plugin/${place}`)
        .toSorted(),
    )
    expect(rows[0]?.help).toContain('readPieces of plugin/files/read-file.ts')
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
