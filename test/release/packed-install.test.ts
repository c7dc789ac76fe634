import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

import { startNetwork } from '../support/network.ts'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

const consumer = `import { activate, deactivate, reload } from '@agentcy/whatsapp'
import { createWhatsAppClient } from '@agentcy/whatsapp/client'

const { client } = createWhatsAppClient({ url: 'http://127.0.0.1:8080', token: 'ak_live_example' })
export const bindings = (): Promise<{ bindings: { agent: string }[] }> => client.bindings.list.query({})
// @ts-expect-error: an agent is named by a string
export const wrong = () => client.bindings.create.mutate({ agent: 5, match_rule: {} })
export const hooks = { activate, reload, deactivate }
`

it('the packed package installs and type-checks in an empty project, and holds no stand-in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'packed-'))
  await using _cleanup = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
  const [tarball = ''] = (await readdir(folder)).filter(name => name.endsWith('.tgz'))

  const { stdout: listed } = await run('tar', ['-tzf', join(folder, tarball)])
  expect(listed).toContain('package/dist/plugin/main.js')
  expect(listed).toContain('package/manifest.json')
  for (const part of ['html', 'js', 'css']) expect(listed).toContain(`package/dist/plugin/web/page.${part}`)
  expect(listed).not.toMatch(/host-stub|test\//)

  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  const options = {
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'ES2023',
    types: ['node'],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }))
  await writeFile(join(folder, 'consumer.ts'), consumer)
  // Scripts are left out: types need no native module, and its build is what every other test proves.
  await run(
    'npm',
    ['install', '--silent', '--ignore-scripts', `./${tarball}`, '@types/node@20.19.43', 'typescript@7.0.2'],
    {
      cwd: folder,
    },
  )
  const checked = await run(join(folder, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder }).catch(
    (failure: { stdout: string }) => failure,
  )
  expect(checked.stdout).toBe('')

  // Its command looks at WhatsApp, which is another process's business here as well.
  await using network = await startNetwork()
  const env = { PATH: process.env['PATH'], ...network.environment }
  const looked = await run(join(folder, 'node_modules/.bin/agentcy-whatsapp'), ['doctor', '--live'], { env })
  expect(looked.stdout).toContain('whatsapp offer: WhatsApp offers to pair')
})
