import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readManifest } from '../../../host-stub/agentcy/manifest.ts'
import { TRIGGER_KINDS } from '../../../plugin/config/inbound-limits.ts'
import { readEnvironment } from '../../../plugin/config/environment.ts'
import { readSettings } from '../../../plugin/config/settings.ts'
import { LARGEST_LIMIT, LIMITS, LIMIT_NAMES, type LimitName } from '../../../plugin/config/send-limits.ts'
import { ownManifest, pluginFolder } from '../../support/plugin-folder.ts'

/** Would end the test's own process, were it ever run. */
const NEVER_RUN = "throw new Error('the code ran')"

describe('the manifest of this plugin', () => {
  it('is valid, and has the version of the package', async () => {
    await using folder = await pluginFolder(NEVER_RUN)
    expect(readManifest(folder.manifestFile)).toMatchObject({ status: 'valid', manifest: { id: 'whatsapp' } })
    const packageFile = fileURLToPath(new URL('../../../package.json', import.meta.url))
    expect(JSON.parse(await readFile(packageFile, 'utf8'))).toMatchObject({ version: (await ownManifest())['version'] })
  })

  it('describes the settings that the plugin takes', async () => {
    const { configSchema } = await ownManifest()
    const described = new Ajv2020().compile(configSchema as object)
    const onLoopback = readEnvironment({
      WHATSAPP_WEB_SOCKET_URL: 'ws://127.0.0.1:1/ws/chat',
      WHATSAPP_NOISE_ROOT_KEY: 'ab'.repeat(32),
    })
    const taken = (settings: unknown): boolean => {
      try {
        readSettings(settings, onLoopback)
        return true
      } catch {
        return false
      }
    }
    const seconds = fc.oneof(fc.integer({ min: -1, max: 3_602 }), fc.double(), fc.string())
    const role = fc.constantFrom('viewer', 'member', 'admin', 'owner', 'god', 7)
    const around = (name: LimitName) => {
      const { value } = LIMITS[name]
      return fc.constantFrom(value - 1, value, value + 1, -1, 0.5, LARGEST_LIMIT, LARGEST_LIMIT + 1)
    }
    const limits = Object.fromEntries(LIMIT_NAMES.map(name => [name, around(name)]))
    const budget = fc.constantFrom(0, 1, 20, 0.5, LARGEST_LIMIT, LARGEST_LIMIT + 1, 'off', 'on', null)
    const budgets = fc.record(
      { per_sender_minute: budget, per_account_minute: budget, more: budget },
      { requiredKeys: [] },
    )
    const some = fc.subarray([...LIMIT_NAMES, 'raise'], { maxLength: 3 })
    const pacing = some.chain(names =>
      fc.record(Object.fromEntries(names.map(name => [name, limits[name] ?? fc.boolean()]))),
    )
    const written = fc.oneof(
      fc.record({ turn_deadline_seconds: seconds }, { requiredKeys: [] }),
      fc.record({ also_answer: fc.uniqueArray(fc.constantFrom(...TRIGGER_KINDS, 'text', 1)) }),
      fc.record({ approval_timeout_seconds: fc.oneof(seconds, fc.constantFrom(9, 10, 86_400, 86_401)) }),
      fc.record({ approvers: fc.array(fc.constantFrom('+972500000001', 1), { maxLength: 21 }) }),
      fc.record({ read_receipts: fc.constantFrom('on', 'off', true) }),
      fc.record({ budgets }),
      fc.record({ retention_days: fc.constantFrom(0, 1, 30, 31, 36_500, 36_501, 60.5, null, '60') }),
      fc.record({ keep_disappearing: fc.constantFrom('on', 'off', true) }),
      fc.record({ cold_contact: fc.constantFrom('on', 'off', 'maybe', 1) }),
      fc.record({ context_messages: fc.oneof(fc.integer({ min: -2, max: 202 }), fc.double(), fc.string()) }),
      fc.record({
        reset_trigger: fc.constantFrom(
          '/reset',
          '',
          ' x',
          'x ',
          'new start',
          'x'.repeat(64),
          'x'.repeat(65),
          '\n',
          null,
          1,
        ),
      }),
      fc.record({ pacing }),
      fc.record({
        qr: fc.record({ first_seconds: seconds, next_seconds: seconds, more: seconds }, { requiredKeys: [] }),
      }),
      fc.record({ roles: fc.dictionary(fc.constantFrom('+972500000001', 'lid:123'), role) }),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(written, settings => described(settings) === taken(settings)),
      { numRuns: 500 },
    )
  })
})

describe('a manifest', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown key', { colour: 'red' }, 'must NOT have additional properties'],
    ['a bad id', { id: '../x' }, 'it/id must match pattern'],
    [
      'a hook too few',
      { hooks: { activate: 'activate', reload: 'reload' } },
      "must have required property 'deactivate'",
    ],
    ['an entry outside its folder', { entry: './../evil.js' }, 'it/entry must match pattern'],
    ['an entry that is not there', { entry: './dist/plugin/none.js' }, 'is not there; run the build'],
    [
      'a Node that is not here',
      { engines: { node: '>=99.0', agentcy: '>=1.0' } },
      `it needs Node >=99.0 and this is ${process.versions.node}`,
    ],
    [
      'a host that is not here',
      { engines: { node: '>=20.19', agentcy: '>=1.1' } },
      'it needs a host >=1.1 and this is 1.0.0',
    ],
    [
      'a range that cannot be read',
      { engines: { node: '^20', agentcy: '>=1.0' } },
      'it/engines/node must match pattern',
    ],
    ['settings that are no schema', { configSchema: { type: 'object', properties: 7 } }, 'cannot be read'],
  ])('with %s is refused in one sentence, before any code runs', async (_what, change, sentence) => {
    await using folder = await pluginFolder(NEVER_RUN, change)
    const read = readManifest(folder.manifestFile)
    expect(read).toMatchObject({ status: 'invalid', sentence: expect.stringContaining(sentence) })
    expect(read).toMatchObject({ sentence: expect.stringContaining(folder.manifestFile) })
  })

  it('is refused when its entry is a link that leads out of its folder', async () => {
    await using folder = await pluginFolder(NEVER_RUN)
    await using elsewhere = await pluginFolder(NEVER_RUN)
    const entry = join(folder.path, 'dist', 'plugin', 'main.js')
    await rm(entry)
    await symlink(join(elsewhere.path, 'dist', 'plugin', 'main.js'), entry)
    expect(readManifest(folder.manifestFile)).toMatchObject({ status: 'invalid' })
  })

  it('is refused when it is missing or no JSON', async () => {
    await using folder = await pluginFolder(NEVER_RUN)
    await writeFile(folder.manifestFile, '{')
    expect(readManifest(folder.manifestFile)).toMatchObject({ status: 'invalid' })
    await rm(folder.manifestFile)
    expect(readManifest(folder.manifestFile)).toMatchObject({ status: 'invalid' })
  })

  it('may be anything at all without a throw', async () => {
    await using folder = await pluginFolder(NEVER_RUN)
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async value => {
        await writeFile(folder.manifestFile, JSON.stringify(value))
        expect(readManifest(folder.manifestFile).status).toBe('invalid')
      }),
      { numRuns: 15 },
    )
  })
})
