import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, it } from 'vitest'

import { commandLine } from '../../support/command-line.ts'

it('Ctrl-C ends a command whose host takes the request and never answers', async () => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  using cli = commandLine({ AGENTCY_URL: `http://127.0.0.1:${port}`, AGENTCY_TOKEN: 'x' })
  const status = cli.piped(['status'])
  await once(server, 'request')
  status.interrupt()
  expect(await status.ended).toEqual({ status: 1, out: '', err: '' })
  server.closeAllConnections()
  server.close()
})
