import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { settingsOf } from '../support/artifacts.ts'
import { bucketEnvironment } from '../support/bucket-environment.ts'
import { followMessages } from '../support/events.ts'
import { startFaultyS3, type FaultyS3 } from '../support/faulty-s3.ts'
import { childrenOf } from '../support/process-tree.ts'
import { startLinkedStory, type Story } from '../support/story.ts'
import { given } from '../support/given.ts'

const MIB = 2 ** 20

const startWith = (s3: FaultyS3) =>
  startLinkedStory({ network: { media: true }, host: { env: bucketEnvironment(s3, settingsOf(s3).prefix) } })

/** What leads to files, or is one. Who holds some bytes is noted before they are there. */
const named = ({ objects }: FaultyS3): string[] =>
  [...objects.keys()]
    .filter(key => !key.includes('/holders/'))
    .map(key => key.replace(/^below\/here\/(.*)\/[^/]+$/, '$1'))
    .toSorted()

const isLarge = ({ text, direction }: WireMessage): boolean => text === 'large' && direction === 'inbound'

/** The artifact of the message, as it is served. */
async function served(story: Story, range = ''): Promise<Response> {
  const { host } = story
  const { messages } = await story.clientOf(host.token).whatsapp.messages.list.query({ limit: 50 })
  const id = given(messages.find(isLarge)?.media[0]?.artifact_id)
  const headers = { authorization: `Bearer ${host.token}`, ...(range && { range }) }
  return fetch(`${host.url}/api/v1/artifacts/${id}`, { headers })
}

describe('a file that somebody sends to a host whose artifacts are in a bucket', () => {
  it('survives a host that is killed while it is written there, of which nothing was named', async () => {
    await using s3 = await startFaultyS3()
    await using story = await startWith(s3)
    const { network, host, client, owner } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    s3.fails({ operation: 'part', key: '', fault: 'silent' })
    const file = { kind: 'document', mime: 'a/b', sizeBytes: 30 * MIB, seed: 'killed', caption: 'large' } as const
    const { sha256 } = await alice.sendsFile(file, { to: owner })
    using messages = followMessages(client)
    await messages.until(({ data }) => isLarge(data))
    await s3.until('part', 2)
    await host.kill('SIGKILL')
    expect(named(s3)).toEqual([])

    s3.recovers()
    await host.restart()
    await alice.hears('large', { from: owner, withinMs: 30_000 })
    expect(named(s3)).toEqual(['org_local/bytes', 'org_local/records', 'org_local/sources'])
    const answer = await served(story)
    const digest = createHash('sha256').update(Buffer.from(await answer.arrayBuffer()))
    expect(digest.digest('hex')).toBe(sha256)
    const part = await served(story, 'bytes=1-4')
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 1-4/${30 * MIB}`])
  })

  it('is refused or broken off as the bucket fails, and holds no stop; the gateway knows nothing of the bucket', async () => {
    await using s3 = await startFaultyS3()
    await using story = await startWith(s3)
    const { network, host, client, owner } = story
    for (const child of await childrenOf(host.pid)) {
      expect(await readFile(`/proc/${child}/environ`, 'utf8')).not.toMatch(/AWS_|AGENTCY_/)
    }
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    const file = { kind: 'document', mime: 'a/b', sizeBytes: 9 * MIB, seed: 'broken', caption: 'large' } as const
    await alice.sendsFile(file, { to: owner })
    await alice.hears('large', { from: owner })
    s3.fails({ operation: 'get', key: 'bytes/', fault: 'denied', times: 1 })
    expect((await served(story)).status).toBe(500)
    s3.fails({ operation: 'get', key: 'bytes/', fault: 'flipped', times: 1 })
    await expect(served(story).then(answer => answer.arrayBuffer())).rejects.toThrow()
    expect((await (await served(story)).arrayBuffer()).byteLength).toBe(9 * MIB)

    const parts = s3.count('part')
    s3.fails({ operation: 'part', key: '', fault: 'silent' })
    await alice.sendsFile({ ...file, seed: 'stop', caption: 'another' }, { to: owner })
    await s3.until('part', parts + 1)
    expect(await host.kill('SIGTERM')).toBe(0)
    await s3.until('abort')
  })
})
