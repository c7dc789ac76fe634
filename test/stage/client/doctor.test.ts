import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'
import { z } from 'zod'

import { checkDisk } from '../../../client/checks/disk.ts'
import { KEY_A, ORG_A, serveApi, tokenOf } from '../../support/api.ts'
import { commandLine, ESCAPE } from '../../support/command-line.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const finding = z.strictObject({ check: z.string(), ok: z.boolean(), says: z.string(), todo: z.string().nullable() })

it('the doctor finds that all is well, and then what is not and what to do, on a terminal and piped', async () => {
  await using folder = await temporaryFolder()
  const homes = { AGENTCY_HOME: join(folder.path, 'agentcy'), OPENFANG_HOME: join(folder.path, 'openfang') }
  for (const home of Object.values(homes)) await mkdir(home, { mode: 0o700 })
  const file = join(homes.AGENTCY_HOME, 'settings.json')
  await writeFile(file, '{}', { mode: 0o600 })
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 })
  await using host = await serveApi({ operations })
  using cli = commandLine({ ...homes, AGENTCY_URL: host.url, AGENTCY_TOKEN: tokenOf(ORG_A, 'viewer') })

  const well = await cli.piped(['doctor']).ended
  expect([well.status, well.err, well.out]).toEqual([0, '', expect.not.stringContaining(ESCAPE)])
  const checks = ['node', 'native build', 'modes of AGENTCY_HOME', 'disk of AGENTCY_HOME', 'modes of OPENFANG_HOME']
  const names = [...checks, 'disk of OPENFANG_HOME', 'opa', 'host', 'clock', 'account default', 'retention']
  expect(well.out.split('\n').map(line => /^ok {6}([^:]+): /.exec(line)?.[1])).toEqual([...names, undefined])

  await chmod(file, 0o644)
  operations.link(ORG_A, { status: 'not_paired', reason: null })
  const [drawn, asJson] = await Promise.all([cli.onTerminal(['doctor']).ended, cli.piped(['doctor', '--json']).ended])
  expect([drawn.status, asJson.status]).toEqual([1, 1])
  const lines = drawn.out.replaceAll('\r', '')
  expect(lines).toContain(
    `${ESCAPE}[31mnot ok ${ESCAPE}[39m modes of AGENTCY_HOME: Other users can open ${file} (0644).\n`,
  )
  expect(lines).toContain(`        → Run: chmod 600 ${file}\n`)
  const found = asJson.out
    .trimEnd()
    .split('\n')
    .map(line => finding.parse(JSON.parse(line)))
  expect(found.map(({ check }) => check)).toEqual(names)
  const wrong = found.filter(({ ok }) => !ok)
  expect(wrong.map(({ check, todo }) => [check, todo])).toEqual([
    ['modes of AGENTCY_HOME', `Run: chmod 600 ${file}`],
    ['account default', 'Run: agentcy-whatsapp pair --account default'],
  ])
  // Homes that cannot be are findings as well.
  const loop = join(folder.path, 'loop')
  await symlink(loop, loop)
  expect(await checkDisk('AGENTCY_HOME', loop)).toMatchObject({
    ok: false,
    todo: expect.stringContaining('Set AGENTCY'),
  })
  expect(await checkDisk('AGENTCY_HOME', join(file, 'below'))).toMatchObject({ check: 'disk of AGENTCY_HOME' })
})
