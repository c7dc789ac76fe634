import { expect, it } from 'vitest'

import type { HostProcess } from '../../support/host-process.ts'
import { clockIn } from '../../support/set-clock.ts'
import { startLinkedStory } from '../../support/story.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

async function linkOf(host: HostProcess): Promise<{ status: string; reason: string | null }> {
  const { body } = await host.request('GET', '/api/v1/channels')
  const { channels } = body as { channels: { connection: { status: string; reason: string | null } }[] }
  return channels[0]?.connection ?? { status: 'none', reason: null }
}

it('F21: a clock that jumps while it runs skips no message, answers none twice and makes no new login', async () => {
  await using folder = await temporaryFolder()
  const clock = clockIn(folder.path)
  await using story = await startLinkedStory({ host: { env: clock.environment } })
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  await alice.says('before', { to: owner })
  await alice.hears('before', { from: owner })
  const logins = (await network.ledger()).logins.length
  const texts = ['before']
  for (const byMs of [HOUR_MS, 0, -HOUR_MS, 0, 30 * DAY_MS, 0, -30 * DAY_MS, 0]) {
    clock.set(byMs)
    const text = `after jump ${texts.length}`
    texts.push(text)
    const id = await alice.says(text, { to: owner })
    await alice.hears(text, { from: owner })
    expect(await network.message(id)).toMatchObject({ deliveries: 1, retries: 0, errors: [] })
  }
  await network.faults.redeliver(owner)
  await alice.says('and at last', { to: owner })
  await alice.hears('and at last', { from: owner })
  expect((await alice.heard()).map(({ text }) => text)).toEqual([...texts, 'and at last'])
  expect((await network.ledger()).logins).toHaveLength(logins)
})

it.each([
  { wrong: 'a month ahead', byMs: 31 * DAY_MS },
  { wrong: 'a month behind', byMs: -31 * DAY_MS },
])('F21: started with a clock that is $wrong, it waits, and forgets nothing that may come again', async ({ byMs }) => {
  await using folder = await temporaryFolder()
  const clock = clockIn(folder.path)
  await using story = await startLinkedStory({ host: { env: clock.environment } })
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  const before = await alice.says('before', { to: owner })
  await alice.hears('before', { from: owner })
  await network.messageWhen(before, ({ settlements }) => settlements > 0)

  clock.set(byMs)
  const under = await alice.says('under it', { to: owner })
  await alice.hears('under it', { from: owner })
  await network.messageWhen(under, ({ settlements }) => settlements > 0)
  const { connects } = await network.ledger()
  await host.restart()
  // The certificates of the network are of today.
  await expect.poll(() => linkOf(host), { timeout: 20_000 }).toMatchObject({ reason: 'server_not_trusted' })
  await alice.says('meanwhile', { to: owner })
  clock.set(0)
  await alice.hears('meanwhile', { from: owner, withinMs: 20_000 })
  expect((await network.ledger()).connects.length - connects.length).toBeLessThanOrEqual(5)

  await host.restart()
  await expect.poll(() => linkOf(host), { timeout: 20_000 }).toMatchObject({ status: 'connected' })
  await network.faults.redeliver(owner, [before, under])
  for (const id of [before, under]) {
    const again = await network.messageWhen(id, ({ receipts }) => receipts.length > 1)
    expect(again).toMatchObject({ retries: 0, errors: [] })
  }
  await alice.says('after', { to: owner })
  await alice.hears('after', { from: owner })
  expect((await alice.heard()).map(({ text }) => text)).toEqual(['before', 'under it', 'meanwhile', 'after'])
})
