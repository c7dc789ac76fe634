import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

import { childrenOf, remainingAfter } from '../support/process-tree.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const DEMO = fileURLToPath(new URL('../../dist/host-stub/demo.js', import.meta.url))

async function treeOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid)
  const below = await Promise.all(children.map(treeOf))
  return [pid, ...below.flat()]
}

/** The ports on which these processes listen, as `ss` sees them. */
async function listeningPorts(pids: readonly number[]): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ss', ['-ltnpH'])
  const lines = stdout.split('\n').filter(line => pids.some(pid => line.includes(`pid=${pid},`)))
  return lines.map(line => Number(/:(\d+)\s/.exec(line)?.[1])).sort((one, other) => one - other)
}

it('the demo opens the ports that it lists and no other, and leaves nothing behind', async () => {
  await using home = await temporaryFolder()
  const environment = { PATH: process.env['PATH'], HOME: home.path, PORT: '0' }
  const demo = spawn(process.execPath, [DEMO], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(demo, 'exit')
  let printed = ''
  for await (const chunk of demo.stdout) {
    printed += String(chunk)
    if (printed.includes('Its data is in')) break
  }
  expect(printed).toMatch(/alice hears\s+\S/)
  const listed = [...printed.matchAll(/(?:listening on http:\/\/|simulated, on |and )127\.0\.0\.1:(\d+)/g)]
  const tree = await treeOf(demo.pid ?? 0)
  expect(await listeningPorts(tree)).toEqual(listed.map(([, port]) => Number(port)).sort((one, other) => one - other))
  demo.kill('SIGTERM')
  expect(await gone).toEqual([0, null])
  expect(await remainingAfter(tree, 5_000)).toEqual([])
})
