import { expect, it } from 'vitest'

import { lookingBrowser } from '../support/browser.ts'
import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { startLinkedStory } from '../support/story.ts'

it('the file of a message that nobody answers is fetched when somebody opens it, and not before', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await startLinkedStory({ network: { media: true } })
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  using messages = followMessages(client)
  await alice.sendsFile({ kind: 'image', mime: 'image/png', bytes: PNG, caption: 'look' }, { to: owner })
  await alice.says('and?', { to: owner })
  const { data: picture } = await messages.until(event => event.data.text === 'look')
  const { data: text } = await messages.until(event => event.data.text === 'and?')
  const media = async () => {
    const { messages: all } = await client.whatsapp.messages.list.query({ limit: 10 })
    return all.find(({ id }) => id === picture.id)?.media
  }
  expect(await media()).toMatchObject([{ artifact_id: null, problem: null }])

  const viewer = await host.mintToken('org_local', 'viewer')
  const theirs = await browser.open(`${host.url}/channels#/messages/${picture.id}`, { token: viewer })
  const wish = theirs.getByRole('button', { name: 'Download the file' })
  const refusal = theirs.locator('.inline', { has: wish }).getByText('The role of this token is too low for this call')
  await wish.waitFor()
  expect(await refusal.count()).toBe(0)
  await wish.click()
  await refusal.waitFor()
  expect(await media()).toMatchObject([{ artifact_id: null, problem: null }])

  const page = await browser.open(`${host.url}/channels#/messages/${picture.id}`, { token: host.token })
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('img', { name: 'The picture' }).waitFor()
  expect(await media()).toMatchObject([
    { artifact_id: expect.stringMatching(/^art_/), size: PNG.length, problem: null },
  ])

  const path = (id: string): string => `/api/v1/channels/whatsapp/messages/${id}/file`
  expect(await host.request('POST', path(picture.id))).toMatchObject({ status: 200, body: { media: await media() } })
  expect(await host.request('POST', path(text.id))).toMatchObject({ status: 404 })
  expect(await host.request('POST', path('msg_none'))).toMatchObject({ status: 404 })
})
