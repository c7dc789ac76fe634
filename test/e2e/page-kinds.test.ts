import { expect, it } from 'vitest'

import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { startLinkedStory } from '../support/story.ts'

it('the page and the command line show a quote with its picture, what was forwarded and what only the phone shows', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await startLinkedStory({ network: { media: true } })
  const { network, client, host, owner } = story
  const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
  const team = await network.group('Team', [owner, alice, bob])
  await client.bindings.create.mutate({ agent: 'echo', match_rule: { text_regex: '^what is this' } })
  using messages = followMessages(client)
  const picture = await alice.sendsFile({ kind: 'image', mime: 'image/png', bytes: PNG, caption: 'look' }, { to: team })
  await bob.says('what is this?', { to: team, quotes: picture.id, quoteBody: 'none' })
  await bob.hears('what is this?', { from: owner })
  await alice.says('somebody said so', { to: owner, forwarded: 7 })
  await alice.says('a tale\u202Eoga', { to: owner, quotes: await alice.says('unread', { to: alice }) })
  await alice.says('a look', { to: owner, unavailable: 'view_once' })
  const { data: once } = await messages.until(({ data }) => data.kind === 'view_once')

  const page = await browser.open(`${host.url}/channels#/messages/${once.id}`, { token: host.token })
  const rows = page.getByRole('list', { name: 'Messages, newest first' }).getByRole('listitem')
  const row = (text: string) => rows.filter({ hasText: text })
  const quote = row('Quotes').getByRole('blockquote')
  await quote.getByText('look').waitFor()
  await quote.getByRole('button', { name: 'Show' }).click()
  await quote.getByRole('img').waitFor()
  await row('somebody said so').getByText('Forwarded, says its sender, and often before').waitFor()
  await row('a tale\\u{202e}oga').getByText('Claims to quote').waitFor()
  const shownOnce = row('View once, on the phone only')
  await shownOnce.getByText('linked devices do not get it').waitFor()

  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
  const explained = await cli.piped(['bindings', 'explain', once.id]).ended
  expect(explained.out).toContain('Then and now: it is ignored (view once on phone).')
})
