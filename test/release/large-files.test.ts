import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { bucketEnvironment } from '../support/bucket-environment.ts'
import { followTransfers } from '../support/events.ts'
import type { HostProcess } from '../support/host-process.ts'
import { watchMemory, type MemoryWatch } from '../support/memory.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { radosgwMissing, startRadosgw } from '../support/radosgw.ts'
import { given } from '../support/given.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

const MIB = 2 ** 20
const WITH_FILES = { network: { media: true } }
const FILES = 50
const GROWTH_MOST_BYTES = 300 * MIB

async function sha256Behind({ url, token }: HostProcess, artifact: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/artifacts/${artifact}`, { headers: { authorization: `Bearer ${token}` } })
  const hash = createHash('sha256')
  for await (const chunk of given(answer.body)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

/** The inbound messages of a story that bring a file, newest first. */
async function filesOf(client: Story['client']): Promise<WireMessage[]> {
  const { messages } = await client.whatsapp.messages.list.query({ limit: 200 })
  return messages.filter(({ direction, media }) => direction === 'inbound' && media.length > 0)
}

/** Nothing of any file on its way is left. */
function expectNothingLeft({ home }: HostProcess): void {
  const folders = [
    join(home, 'openfang', 'whatsapp-gateway', 'media', 'org_local', 'default'),
    join(home, 'agentcy', 'plugins', 'whatsapp', 'spool'),
    join(home, 'agentcy', 'artifacts', 'org_local', 'drafts'),
  ]
  for (const folder of folders) expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([])
}

describe('a document of 100 MB', () => {
  it('comes in and goes out as it was, by a folder, and one sees how far it is', async () => {
    await using story = await startLinkedStory(WITH_FILES)
    await carriesBothWays(story)
  })

  it('comes in and goes out as it was, by the bucket of a real server, and one sees how far it is', async context => {
    const missing = radosgwMissing()
    if (missing !== null) context.skip(missing)
    await using s3 = await startRadosgw()
    await using story = await startLinkedStory({ ...WITH_FILES, host: { env: bucketEnvironment(s3, 'large') } })
    await carriesBothWays(story)
  })
})

function expectLittle(memory: MemoryWatch): void {
  process.stdout.write(`host and gateway grew by ${Math.round(memory.growth() / MIB)} MiB together\n`)
  expect(memory.growth()).toBeLessThanOrEqual(GROWTH_MOST_BYTES)
}

/** A document comes, is kept, and goes back to whoever sent it. */
async function carriesBothWays(story: Story & { owner: PhoneCharacter }): Promise<void> {
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  using transfers = followTransfers(client)
  const file = { kind: 'document', mime: 'a/b', sizeBytes: 100 * MIB, seed: 'hundred', caption: 'large' } as const
  const { sha256 } = await alice.sendsFile(file, { to: owner })
  await alice.hears('large', { from: owner, withinMs: 300_000 })
  const [message] = await filesOf(client)
  const artifact = given(given(given(message).media[0]).artifact_id)
  expect(await sha256Behind(host, artifact)).toBe(sha256)

  await client.whatsapp.send.mutate({ to: alice.phone, media: { kind: 'document', artifact_id: artifact } })
  const heard = await alice.hears(({ kind }) => kind === 'other', { from: owner, withinMs: 300_000 })
  expect(await alice.opensFile(heard.id)).toMatchObject({ sha256, sizeBytes: 100 * MIB })
  for (const direction of ['inbound', 'outbound'] as const) {
    const steps = transfers.seen.filter(step => step.direction === direction).map(step => step.done_bytes)
    expect(steps.length).toBeGreaterThan(10)
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(given(steps.at(-1))).toBeGreaterThan(90 * MIB)
  }
  expectNothingLeft(host)
}

describe(`${FILES} files of 16 MB at once`, () => {
  it('take little memory, leave nothing behind, and all arrive although host and gateway are killed in the middle', async () => {
    await using story = await startLinkedStory(WITH_FILES)
    const { network, host, client, owner } = story
    // One chat is given ten answers a minute.
    const contacts = await Promise.all(Array.from({ length: 10 }, (_, index) => network.phone(`contact ${index}`)))
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    for (const contact of contacts) {
      await contact.says('first', { to: owner })
      await contact.hears('first', { from: owner })
    }
    using memory = await watchMemory(host.pid)
    const picture = { kind: 'image', mime: 'image/png', sizeBytes: 16 * MIB } as const
    const sent = await Promise.all(
      Array.from({ length: FILES }, (_, index) =>
        contacts[index % contacts.length]?.sendsFile(
          { ...picture, seed: `${index}`, caption: `file ${index}` },
          { to: owner },
        ),
      ),
    )
    using transfers = followTransfers(client)
    const begun = (): number => new Set(transfers.seen.map(({ message_id }) => message_id)).size
    await transfers.until(() => begun() >= FILES / 4, 300_000)
    expectLittle(memory)
    await host.kill('SIGKILL')
    await host.restart()

    using again = await watchMemory(host.pid)
    // Each file's turn begins once its file is there.
    for (let index = 0; index < FILES; index += 1) {
      await contacts[index % contacts.length]?.hears(`file ${index}`, { from: owner, withinMs: 300_000 })
    }
    const files = await filesOf(story.clientOf(host.token))
    expect(files.map(({ media }) => given(media[0]).problem)).toEqual(files.map(() => null))
    expect(new Set(files.map(({ media }) => given(media[0]).sha256))).toEqual(new Set(sent.map(file => file?.sha256)))
    expectLittle(again)
    expectNothingLeft(host)
  })
})
