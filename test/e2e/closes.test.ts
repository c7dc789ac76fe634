import { expect, it } from 'vitest'

import { channelsResponse } from '../../plugin/contract/api/channels.ts'
import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import { followLink } from '../support/events.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextStory, nextLinkedStory } = storiesInTurn()

const WORDS = {
  header: 'Account locked\u202E',
  subtext: 'Open WhatsApp on your phone to go on. <script>alert(1)</script>',
  message: 'policy\u001b[2J',
  url: 'https://faq.whatsapp.com/465883178708358',
}
/** As it is shown: nothing hidden in it. */
const SHOWN = { ...WORDS, code: '403', header: 'Account locked\\u{202e}', message: 'policy\\u{1b}[2J' }

it('what WhatsApp says as it ends a link is in the API, in the command line and on the page, as texts', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await nextLinkedStory()
  const { network, host, client, owner } = story
  using links = followLink(client)
  await network.faults.refuseLogin(owner, { reason: 403, ...WORDS })
  await network.faults.drop(owner)
  await links.until(({ status }) => status === 'stopped')

  const { channels } = channelsResponse.parse((await host.request('GET', '/api/v1/channels')).body)
  expect(channels).toMatchObject([{ connection: { status: 'stopped', reason: 'locked', whatsapp_said: SHOWN } }])
  expect(channels[0]?.accounts[0]?.health.admission).toMatchObject({ status: 'refused', reason: 'locked' })

  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
  const { out } = await cli.piped(['status']).ended
  expect(out).toContain(`WhatsApp said: 403 “${SHOWN.header}” “${SHOWN.subtext}” “${SHOWN.message}” “${WORDS.url}”`)

  const page = await browser.open(`${host.url}/channels`, { token: host.token })
  await page.getByRole('link', { name: 'Agentcy Assistant' }).click()
  const said = page.getByRole('region', { name: 'What WhatsApp said' })
  for (const text of Object.values(SHOWN)) await said.getByText(text, { exact: true }).waitFor()
  expect(await said.getByRole('link').count()).toBe(0)
  await page.getByText('it has moved to another phone').first().waitFor()
  await page.getByRole('button', { name: 'Show the QR code' }).waitFor()
  expect(host.logs()).not.toContain(WORDS.url)
})

it('a pairing that WhatsApp refuses before there is a code is not called unreachable', async () => {
  await using story = await nextStory()
  const { network, host, client } = story
  await client.whatsapp.configure.mutate({ fields: {} })
  using links = followLink(client)
  await network.faults.refuseLogin(null, { reason: 406, header: 'Banned' })
  const refused = await host.request('POST', '/api/v1/channels/whatsapp/qr/start')
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'pairing_refused' } } })
  await links.until(({ status, reason }) => status === 'not_paired' && reason !== null)
  const { channels } = channelsResponse.parse((await host.request('GET', '/api/v1/channels')).body)
  expect(channels).toMatchObject([
    { connection: { status: 'not_paired', reason: 'banned', whatsapp_said: { code: '406', header: 'Banned' } } },
  ])
})
