import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { getPriority } from 'node:os'

import { expect, it } from 'vitest'

import { lowerPriority } from '../../../plugin/base/lower-priority.ts'

it('a process gives way to everything else, and one that is gone or was never begun is none', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(child, 'spawn')
  lowerPriority(child)
  expect(getPriority(child.pid)).toBe(10)
  child.stdin.end()
  await once(child, 'exit')
  expect(() => lowerPriority(child)).not.toThrow()
  expect(() => lowerPriority({ pid: undefined })).not.toThrow()
})
