import { expect, it } from 'vitest'

import { channelsResponse } from '../../plugin/contract/api/channels.ts'
import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import { readPrometheus, sumOf } from '../support/prometheus.ts'
import { startLinkedStory } from '../support/story.ts'

const TEXTS = Array.from({ length: 12 }, (_each, index) => `while away ${index}`)
const PRIMER = 5
const MANY = 100

it('how far what waited has come in is in the API, the metrics, the command line and on the page, until all of it has', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await startLinkedStory()
  const { network, host, client, owner } = story
  const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  const backlogNow = async () =>
    channelsResponse.parse((await host.request('GET', '/api/v1/channels')).body).channels[0]?.backlog
  expect(await backlogNow()).toBeNull()

  await host.kill('SIGKILL')
  for (const [index, text] of TEXTS.entries()) await (index % 2 === 0 ? alice : bob).says(text, { to: owner })
  await network.behaves({ offline_pages: { primer: PRIMER, page: 4, live: 'at_the_end' } })
  await network.faults.withholdPages(owner, MANY)
  await host.restart()
  const standing = { total: TEXTS.length, done: PRIMER }
  await expect.poll(backlogNow, { timeout: 20_000 }).toEqual(standing)

  const authorization = `Bearer ${host.token}`
  const metrics = readPrometheus(await (await fetch(`${host.url}/metrics`, { headers: { authorization } })).text())
  expect(sumOf(metrics, 'whatsapp_backlog_announced')).toBe(standing.total)
  expect(sumOf(metrics, 'whatsapp_backlog_received')).toBe(standing.done)
  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
  expect((await cli.piped(['status']).ended).out).toContain('5 of 12 waiting messages received')
  const page = await browser.open(`${host.url}/channels`, { token: host.token })
  await page.getByRole('link', { name: 'Agentcy Assistant' }).click()
  await page.getByText('5 of 12 have come in').waitFor()
  const bar = page.getByRole('progressbar')
  expect([await bar.getAttribute('value'), await bar.getAttribute('max')]).toEqual(['5', '12'])

  await network.faults.withholdPages(owner, 0)
  await network.faults.drop(owner)
  for (const [index, text] of TEXTS.entries()) await (index % 2 === 0 ? alice : bob).hears(text, { from: owner })
  await expect.poll(backlogNow, { timeout: 20_000 }).toBeNull()
  await bar.waitFor({ state: 'detached' })
  expect((await cli.piped(['status']).ended).out).not.toContain('that waited')
})
