import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

import { followTransfers } from '../support/events.ts'
import { childrenOf, remainingAfter } from '../support/process-tree.ts'
import { given } from '../support/given.ts'
import { startLinkedStory } from '../support/story.ts'

const MIB = 2 ** 20

/** From now on the process gets no more memory than it has: whatever it asks for next, it dies of it. */
const starve = (pid: number): Promise<unknown> => promisify(execFile)('prlimit', ['--pid', String(pid), `--as=${MIB}`])

it('F22: a gateway that runs out of memory in the middle of a file is followed by one that brings it', async () => {
  await using story = await startLinkedStory({ network: { media: true } })
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  using transfers = followTransfers(client)
  const file = { kind: 'document', mime: 'a/b', sizeBytes: 100 * MIB, seed: 'memory', caption: 'heavy' } as const
  const { sha256 } = await alice.sendsFile(file, { to: owner })
  await transfers.until(({ done_bytes }) => done_bytes > 0)
  const gateways = await childrenOf(host.pid)
  for (const pid of gateways) await starve(pid)
  expect(await remainingAfter(gateways, 20_000)).toEqual([])
  await alice.hears('heavy', { from: owner, withinMs: 50_000 })
  const { messages } = await client.whatsapp.messages.list.query({ limit: 10 })
  const inbound = given(messages.find(({ direction }) => direction === 'inbound'))
  expect(inbound.media).toMatchObject([{ sha256, problem: null }])
})
