import { expect, it } from 'vitest'

import { channelsResponse } from '../../plugin/contract/api/channels.ts'
import { followLink } from '../support/events.ts'
import type { HostProcess } from '../support/host-process.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import type { Story } from '../support/story.ts'

const { nextStory } = storiesInTurn()

const BUILT_IN = 1_043_857_760
const NEWER = BUILT_IN + 1_000_000
const NEWEST = NEWER + 1_000_000
/** A host that starts again on a busy machine takes its time. */
const PATIENCE_MS = 30_000

const floors = (revision: number) => ({ version_floor_logins: revision, version_floor_pairings: revision })

/** With which revisions the network let log in, and with which it refused to. */
async function attempts({ network }: Story): Promise<{ taken: number[]; refused: number[] }> {
  const { logins, failures } = await network.ledger()
  return { taken: logins.map(({ revision }) => revision), refused: failures.map(({ revision }) => revision) }
}

const channelOf = async (host: HostProcess) => {
  const { body } = await host.request('GET', '/api/v1/channels')
  return channelsResponse.parse(body).channels[0]
}

it('an account learns the version that WhatsApp asks for, when it is linked, while it is linked and after a restart', async () => {
  await using story = await nextStory()
  const { network, host } = story
  const owner = await network.phone('owner')
  await network.behaves({ ...floors(NEWER), version_source: NEWER })
  await story.link(owner)
  expect(await attempts(story)).toEqual({ taken: [NEWER], refused: [] })
  expect((await channelOf(host))?.web_version).toMatchObject({ version: `2.3000.${NEWER}`, from: 'accepted' })

  // Raised while it is linked: one login is refused, the next one is made at once with what the source says by then.
  await network.behaves({ ...floors(NEWEST), version_source: NEWEST })
  await network.faults.drop(owner)
  await network.ledgerWhen(({ logins }) => logins.length === 2, PATIENCE_MS)
  expect(await attempts(story)).toEqual({ taken: [NEWER, NEWEST], refused: [NEWER] })
  const inUse = async () => (await channelOf(host))?.web_version
  await expect.poll(inUse, { timeout: PATIENCE_MS }).toMatchObject({ version: `2.3000.${NEWEST}`, from: 'accepted' })

  // The source is away, and the host starts again: it goes on with what was accepted last.
  await network.behaves({ version_source: 'not_found' })
  await host.restart()
  await network.ledgerWhen(({ logins }) => logins.length === 3, PATIENCE_MS)
  expect(await attempts(story)).toEqual({ taken: [NEWER, NEWEST, NEWEST], refused: [NEWER] })
})

it('while no source has a newer version the account waits and says why, and a reload tries at once', async () => {
  await using story = await nextStory()
  const { network, host, client } = story
  const owner = await network.phone('owner')
  await story.link(owner)
  using links = followLink(client)
  await network.behaves({ ...floors(NEWER), version_source: 'not_found' })
  await network.faults.drop(owner)
  const waiting = await links.until(({ reason }) => reason === 'client_outdated')
  expect(waiting).toMatchObject({ status: 'waiting', permanent: false, retry_at: expect.any(String) })
  expect(await attempts(story)).toEqual({ taken: [BUILT_IN], refused: [BUILT_IN] })
  expect((await channelOf(host))?.web_version).toMatchObject({ refused: true, source_problem: 'refused' })

  await network.behaves({ version_source: NEWER })
  await client.channels.reload.mutate()
  await network.ledgerWhen(({ logins }) => logins.length === 2, PATIENCE_MS)
  expect(await attempts(story)).toEqual({ taken: [BUILT_IN, NEWER], refused: [BUILT_IN] })
})

it('a pairing says that the client is too old, and what to do; it goes on by itself once there is a newer version', async () => {
  await using story = await nextStory()
  const { network, host, client } = story
  await network.behaves({ ...floors(NEWER), version_source: 'not_found' })
  await client.whatsapp.configure.mutate({ fields: {} })
  for (const [path, body] of [
    ['qr/start', {}],
    ['code/start', { phone: '+972500000001' }],
  ] as const) {
    const answer = await host.request('POST', `/api/v1/channels/whatsapp/${path}`, { body })
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'client_outdated' } } })
  }
  await network.behaves({ version_source: NEWER })
  await story.link(await network.phone('owner'))
  expect((await attempts(story)).taken).toEqual([NEWER])
})

it('a pinned version is never overruled: the pairing names the setting, and goes on once it says auto', async () => {
  await using story = await nextStory()
  const { network, host, client } = story
  await network.behaves({ ...floors(NEWER), version_source: NEWER })
  await host.writeSettings({ whatsapp: { web_version: `2.3000.${BUILT_IN}`, limits: { reload_seconds: 0 } } })
  await client.channels.reload.mutate()
  await client.whatsapp.configure.mutate({ fields: {} })
  const refused = await host.request('POST', '/api/v1/channels/whatsapp/qr/start', { body: {} })
  const message = expect.stringContaining('"web_version"')
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'client_outdated', message } } })
  expect((await network.ledger()).versionAsks).toBe(0)

  await host.writeSettings({ whatsapp: { web_version: 'auto' } })
  await client.channels.reload.mutate()
  await story.link(await network.phone('owner'))
  expect((await attempts(story)).taken).toEqual([NEWER])
})

it('what WhatsApp says of the end of a version is shown until it takes that back, also after a restart', async () => {
  await using story = await nextStory()
  const { network, host } = story
  const expiresAt = Math.floor(Date.now() / 1_000) + 10 * 86_400
  await network.behaves({ client_expiration: expiresAt })
  await story.link(await network.phone('owner'))
  const shown = async () => (await channelOf(host))?.client_expires_at ?? null
  const instant = new Date(expiresAt * 1_000).toISOString()
  await expect.poll(shown, { timeout: PATIENCE_MS }).toBe(instant)
  const metrics = await host.request('GET', '/api/v1/metrics')
  expect(String(metrics.body)).toContain(`whatsapp_client_expires_timestamp_seconds{account="default"} ${expiresAt}`)
  expect(
    host
      .logs()
      .split('\n')
      .filter(line => line.includes('"client expires"')),
  ).toHaveLength(1)

  await network.faults.door('refuse')
  await host.restart()
  expect(await shown()).toBe(instant)
  await network.behaves({ client_expiration: null })
  await network.faults.door('open')
  await network.ledgerWhen(({ logins }) => logins.length === 2, PATIENCE_MS)
  await network.behaves({ client_expiration: null })
  await expect.poll(shown, { timeout: PATIENCE_MS }).toBeNull()
})
