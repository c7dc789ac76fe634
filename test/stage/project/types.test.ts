import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

it('a wrong call of the client does not compile, and everything else does (test/types)', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const run = await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.test.json'], { cwd: root }).catch(
    (failure: { stdout: string }) => failure,
  )
  expect(run.stdout).toBe('')
})
