import { expect, it } from 'vitest'

import { channelsResponse } from '../../../plugin/contract/api/channels.ts'
import { lookingBrowser, stumblingBlocks } from '../../support/browser.ts'
import { commandLine } from '../../support/command-line.ts'
import { readPrometheus, valueOf } from '../../support/prometheus.ts'
import { given } from '../../support/given.ts'
import { startLinkedStory } from '../../support/story.ts'

type LinkedStory = Awaited<ReturnType<typeof startLinkedStory>>

const TEXTS = Array.from({ length: 25 }, (_, at) => `written meanwhile ${at}`)
const PRIMER = 5
/** A page is missed for 30 s, twice, on each of two lines. */
const STALLED_MS = 180_000

/** The host was away while somebody wrote, and is back; the network keeps the pages. */
async function heldBacklog() {
  const story = await startLinkedStory()
  const { network, host, owner } = story
  const alice = await network.phone('alice')
  await host.kill('SIGTERM')
  for (const text of TEXTS) await alice.says(text, { to: owner })
  await network.behaves({ offline_pages: { primer: PRIMER, page: 10, live: 'between' } })
  await network.faults.withholdPages(owner, 1_000)
  const waiting = given((await network.ledger()).queued['owner:1'])
  await host.restart()
  // It listens elsewhere by now.
  return { ...story, client: story.clientOf(host.token), waiting }
}

async function accountIn({ host }: LinkedStory) {
  const { body } = await host.request('GET', '/api/v1/channels')
  return given(channelsResponse.parse(body).channels[0]?.accounts[0])
}

async function metricsOf({ host }: LinkedStory) {
  const answer = await fetch(`${host.url}/metrics`, { headers: { authorization: `Bearer ${host.token}` } })
  return readPrometheus(await answer.text())
}

it('what WhatsApp does not hand over is said wherever a person looks, with all else going on, until it does', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await heldBacklog()
  const { network, client, owner, host, waiting } = story
  const bob = await network.phone('bob')
  const connection = async () => (await accountIn(story)).connection
  const stalled = { status: 'degraded', reason: 'backlog_stalled', permanent: false, phone: owner.phone }
  await expect.poll(connection, { timeout: STALLED_MS, interval: 500 }).toMatchObject(stalled)
  // What came on the line before waits no more.
  const backlog = { total: waiting - PRIMER, done: PRIMER }
  expect((await accountIn(story)).backlog).toEqual(backlog)
  const cameIn = `${backlog.done} of ${backlog.total}`
  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token, HOME: host.home })
  const said = async (command: string) => (await cli.piped([command]).ended).out
  expect(await said('status')).toContain(
    `degraded · ${owner.phone} · backlog_stalled · ${cameIn} waiting messages received`,
  )
  expect(await said('doctor')).toContain('not ok  account default: It is degraded: backlog_stalled.')
  const [metrics, account] = [await metricsOf(story), 'default']
  expect(valueOf(metrics, 'whatsapp_gateway_state', { account, state: 'degraded' })).toBe(1)
  expect(valueOf(metrics, 'whatsapp_backlog_announced', { account })).toBe(backlog.total)
  expect(valueOf(metrics, 'whatsapp_backlog_received', { account })).toBe(backlog.done)

  const page = await browser.open(`${host.url}/channels#/channels/default`, { token: host.token })
  await page.getByText('connected, messages wait').first().waitFor()
  await page.getByText(`${cameIn} have come in`).waitFor()
  await page.getByText('Messages wait at WhatsApp for this account').first().waitFor()
  expect(await stumblingBlocks(page)).toEqual([])

  await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: bob.phone } })
  await bob.says('all the same', { to: owner })
  await bob.hears('all the same', { from: owner })

  await network.faults.withholdPages(owner, 0)
  await client.channels.reload.mutate()
  await expect.poll(connection, { timeout: 60_000 }).toMatchObject({ status: 'connected', reason: null })
  await expect.poll(async () => (await accountIn(story)).backlog, { timeout: 60_000 }).toBeNull()
  await page.getByText('connected, messages wait').first().waitFor({ state: 'detached' })
  const kept = async () => (await client.whatsapp.messages.list.query({ limit: 200 })).messages.map(({ text }) => text)
  await expect.poll(kept, { timeout: 20_000 }).toEqual(expect.arrayContaining(TEXTS))
}, 420_000)
