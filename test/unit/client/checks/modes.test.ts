import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { checkModes } from '../../../../client/checks/modes.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

it('looks at all that is below a home, and not at what a link there leads to', async () => {
  await using home = await temporaryFolder()
  await using elsewhere = await temporaryFolder()
  chmodSync(elsewhere.path, 0o755)
  writeFileSync(join(elsewhere.path, 'open.js'), '', { mode: 0o644 })
  mkdirSync(join(home.path, 'below', 'deeper'), { recursive: true, mode: 0o700 })
  symlinkSync(elsewhere.path, join(home.path, 'below', 'node_modules'))
  writeFileSync(join(home.path, 'below', 'deeper', 'closed'), '', { mode: 0o600 })
  expect(await checkModes('its home', home.path)).toMatchObject({
    says: expect.stringContaining('all 5 entries in it'),
  })
  chmodSync(join(home.path, 'below', 'deeper', 'closed'), 0o644)
  expect(await checkModes('its home', home.path)).toMatchObject({ says: expect.stringContaining('closed (0644)') })
})
