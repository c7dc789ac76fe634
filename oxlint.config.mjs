import { defineConfig } from 'oxlint'

import { CLIENT_FOLDERS, FOLDERS, NETWORK_FOLDERS, SUBFOLDERS, WEB_FOLDERS } from './test/structure/import-table.mjs'

const WHATSAPP = ['@whiskeysockets/baileys', '@whiskeysockets/baileys/**', 'libsignal', 'libsignal/**']
const KYSELY = ['kysely', 'kysely/**']
const SQL = [...KYSELY, 'better-sqlite3']
const SHOWN_EVERYWHERE = ['contract/plain-text.ts', 'contract/then-and-now.ts']

const noWhatsApp = { group: WHATSAPP, message: 'only plugin/gateway speaks WhatsApp' }
const noSql = { group: SQL, message: 'only plugin/store speaks SQL' }
const noGateway = { group: ['**/gateway/**'], message: 'nothing outside imports from the gateway' }
const noHost = { group: ['**/host-stub/**'], message: 'the plugin and the client never import the host' }

/** In these files nothing is imported that one of these patterns forbids. */
const forbidden = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
})

/** A stream opens its file at once; if nobody reads it, its error ends the process. */
const noFileStream = {
  group: ['node:fs'],
  importNames: ['createReadStream'],
  message: 'files are read with readPieces of plugin/files/read-file.ts',
}

/** What is imported in no file of a folder. */
const packagesNotIn = folder => [...languagesNotIn(folder), ...(folder === 'files' ? [] : [noFileStream])]

/** Which networks and databases a folder does not talk to. */
function languagesNotIn(folder) {
  if (/^gateway\/(state|tables)/.test(folder)) {
    return [{ group: KYSELY, message: "an account's file is spoken to directly" }]
  }
  if (folder.startsWith('gateway'))
    return [{ group: SQL, message: 'only gateway/state and gateway/tables speak SQL here' }]
  return folder.startsWith('store') ? [noWhatsApp] : [noWhatsApp, noSql]
}

const outside = 'outside the plugin only its types are visible'

const listed = names => names.map(name => name.replace('.ts', '')).join(', ') || 'nothing'

const importsOf = ([folder, others]) =>
  forbidden(
    [`plugin/${folder}/*.ts`],
    {
      group: ['../**', ...others.map(other => `!../${other}/**`)],
      message: `plugin/${folder} imports ${listed(others)}, and nothing else of the plugin`,
    },
    ...packagesNotIn(folder),
  )

const importsBelow = ([folder, folders]) =>
  Object.entries(folders).map(([name, others]) =>
    forbidden(
      [`plugin/${folder}/${name}/*.ts`],
      {
        group: [
          '../**',
          ...others.map(other => (other.endsWith('.ts') ? `!../${other}` : `!../${other}/**`)),
          ...FOLDERS[folder].map(other => `!../../${other}/**`),
        ],
        message: `plugin/${folder}/${name} imports ${listed(others)} of plugin/${folder}, and nothing else of it`,
      },
      ...packagesNotIn(`${folder}/${name}`),
    ),
  )

/** In these files of the page nothing is imported that one of these patterns forbids, nor what no page can have. */
const inPage = (files, ...patterns) =>
  forbidden(
    files,
    ...patterns,
    {
      group: ['**/api/**', '**/contract/**', ...SHOWN_EVERYWHERE.map(file => `!**/${file}`)],
      allowTypeImports: true,
      message: 'the page sees of the plugin only its types',
    },
    {
      group: ['**/gateway/**', '**/store/**', '**/policy/**', '**/host-stub/**', 'node:*'],
      message: 'the page runs in a browser, and sees of the plugin only its types',
    },
  )

const importsInPage = ([folder, others]) =>
  inPage([`plugin/web/${folder}/*.{ts,tsx}`], {
    // A group that leaves something out would also leave out what the other groups forbid.
    group: Object.keys(WEB_FOLDERS).flatMap(name => (name === folder || others.includes(name) ? [] : `../${name}/**`)),
    message: `plugin/web/${folder} imports ${listed(others)}, and nothing else of the page`,
  })

/** In these files of the simulated network nothing is imported that one of these patterns forbids, nor what none of its files imports. */
const inNetwork = (files, ...patterns) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [
          {
            name: '@whiskeysockets/baileys',
            allowImportNames: ['proto', 'encodeBinaryNode', 'decodeBinaryNode', 'BinaryNode'],
            message: 'the simulated network takes of Baileys only proto and the binary-node codec',
          },
        ],
        patterns: [
          ...patterns,
          { group: ['**/plugin/**', '**/agentcy/**'], message: 'the simulated network knows neither plugin nor host' },
          { group: SQL, message: 'SQL is not spoken here' },
          {
            group: [
              '@whiskeysockets/baileys/lib/Utils/**',
              '@whiskeysockets/baileys/lib/Socket/**',
              'libsignal/src/curve*',
            ],
            message: 'the network checks with its own strict signature code',
          },
        ],
      },
    ],
  },
})

const importsInNetwork = ([folder, others]) =>
  inNetwork([`host-stub/whatsapp/${folder}/*.ts`], {
    group: ['../**', ...others.map(other => `!../${other}/**`)],
    message: `host-stub/whatsapp/${folder} imports ${listed(others)}, and nothing else of the network`,
  })

/** In these files outside of the plugin nothing is imported that one of these patterns forbids, and of the plugin only types. */
const outsideOfPlugin = (files, ...patterns) =>
  forbidden(
    files,
    ...patterns,
    {
      group: ['**/plugin/**', ...SHOWN_EVERYWHERE.map(file => `!**/plugin/${file}`)],
      allowTypeImports: true,
      message: outside,
    },
    { group: [...WHATSAPP, ...SQL], message: 'neither WhatsApp nor SQL is spoken here' },
  )

const importsInClient = ([folder, others]) =>
  outsideOfPlugin(
    [`client/${folder}/*.ts`],
    {
      group: Object.keys(CLIENT_FOLDERS).flatMap(name =>
        name === folder || others.includes(name) ? [] : `../${name}/**`,
      ),
      message: `client/${folder} imports ${listed(others)}, and nothing else of the client's folders`,
    },
    noHost,
  )

const OUTSIDE = ['client/**', 'host-stub/agentcy/**', 'host-stub/*.ts']

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'node', 'promise'],
  categories: { correctness: 'error' },
  options: { typeAware: true },
  ignorePatterns: ['dist/**', 'node_modules/**'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/ban-ts-comment': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'max-params': ['error', { max: 3 }],
    'max-lines': ['error', { max: 300, skipComments: true, skipBlankLines: true }],
    'max-lines-per-function': ['error', { max: 45, skipComments: true, skipBlankLines: true }],
    'no-console': 'error',
    'no-restricted-imports': ['error', { patterns: [noGateway, noHost, noWhatsApp, noSql] }],
  },
  overrides: [
    ...Object.entries(FOLDERS).map(importsOf),
    ...Object.entries(SUBFOLDERS).flatMap(importsBelow),
    forbidden(
      ['plugin/contract/*/*.ts'],
      { group: ['../../**'], message: 'plugin/contract imports nothing of the plugin' },
      noWhatsApp,
      noSql,
    ),
    inPage(['plugin/web/**']),
    ...Object.entries(WEB_FOLDERS).map(importsInPage),
    forbidden(
      ['host-stub/phone-page/**'],
      {
        group: ['**/whatsapp/**'],
        allowTypeImports: true,
        message: 'the page with the phones sees of the network only its types',
      },
      {
        group: ['**/plugin/**', '**/agentcy/**', 'node:*'],
        message: 'the page with the phones runs in a browser, and knows neither plugin nor host',
      },
    ),
    outsideOfPlugin(OUTSIDE),
    outsideOfPlugin(['client/*.ts'], noHost),
    ...Object.entries(CLIENT_FOLDERS).map(importsInClient),
    { files: OUTSIDE, rules: { 'no-console': 'off' } },
    forbidden(
      ['host-stub/agentcy/audit/audit-store.ts'],
      { group: ['**/plugin/**'], allowTypeImports: true, message: outside },
      { group: [...WHATSAPP, ...KYSELY], message: "the audit log's file is spoken to directly" },
    ),
    inNetwork(['host-stub/whatsapp/**']),
    ...Object.entries(NETWORK_FOLDERS).map(importsInNetwork),
    {
      files: ['test/**', 'vitest*.ts', '*.mjs'],
      rules: { 'no-restricted-imports': 'off', 'import/no-default-export': 'off', 'max-lines-per-function': 'off' },
    },
  ],
})
