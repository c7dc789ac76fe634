import { expect, it } from 'vitest'

import { sendAlbum } from '../../host-stub/whatsapp/client/album-sending.ts'
import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { PNG } from '../support/samples.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import type { LinkedStory } from '../support/story.ts'

const { nextLinkedStory } = storiesInTurn()

const PICTURE = { kind: 'image', mime: 'image/png', bytes: PNG } as const

/** A host on which what comes within a second is one question. */
async function gatheringStory(): Promise<LinkedStory> {
  const story = await nextLinkedStory({ network: { media: true } })
  await story.host.writeSettings({ whatsapp: { gather_ms: 1_000 } })
  await story.client.channels.reload.mutate()
  return story
}

/** What a phone was told by the linked number. */
const toldTo = async (phone: PhoneCharacter): Promise<string[]> =>
  (await phone.heard()).filter(({ own, from }) => !own && from.name === 'owner').map(({ text }) => text)

const listed = async ({ client }: LinkedStory): Promise<WireMessage[]> =>
  (await client.whatsapp.messages.list.query({ limit: 100 })).messages.toReversed()

it('a sentence in three messages gets one answer, in a direct chat and in a group where two speak at once', async () => {
  await using story = await gatheringStory()
  const { network, client, owner } = story
  const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
  const team = await network.group('Team', [owner, alice, bob])
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  for (const word of ['I', 'need', 'help']) await alice.says(word, { to: owner })
  await alice.hears('I\nneed\nhelp', { from: owner })
  for (const word of ['one', 'two'])
    for (const phone of [alice, bob]) await phone.says(`${word} ${phone.name}`, { to: team })
  await alice.hears('one alice\ntwo alice', { from: owner })
  await alice.hears('one bob\ntwo bob', { from: owner })
  expect(await toldTo(alice)).toHaveLength(3)

  const [first, ...others] = (await listed(story)).filter(({ text }) => ['I', 'need', 'help'].includes(text ?? ''))
  expect(first).toMatchObject({ outcome: 'answered', gathered_in: null })
  for (const each of others) expect(each).toMatchObject({ outcome: 'answered', gathered_in: first?.id })
  const course = await client.whatsapp.messages.course.query({ id: others[0]?.id ?? '' })
  expect(course).toMatchObject({ turn: { message_id: first?.id, pieces: 3 }, replies: [{ status: 'delivered' }] })
  for (const { id } of others)
    expect(await client.whatsapp.messages.trace.query({ id })).toMatchObject({ outcome: 'matched' })
})

it('a burst of twelve pictures is answered completely on a host that is paced, which gathers by itself', async () => {
  await using story = await nextLinkedStory({ network: { media: true }, host: { env: { WHATSAPP_PACING: 'on' } } })
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  const captions = Array.from({ length: 12 }, (_, n) => `picture ${n}`)
  for (const caption of captions) await alice.sendsFile({ ...PICTURE, caption }, { to: owner })
  const said = async () => (await toldTo(alice)).flatMap(text => text.split('\n'))
  await expect.poll(said, { timeout: 60_000 }).toEqual(captions)
  expect((await toldTo(alice)).length).toBeLessThan(12)
  expect((await client.turns.list.query({ limit: 50 })).turns.every(({ status }) => status === 'answered')).toBe(true)
})

it('an album gets one answer, by whichever of its captions takes it, and is one row of the page', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await gatheringStory()
  const { network, client, host, owner } = story
  const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
  const team = await network.group('Team', [owner, alice, bob])
  await client.bindings.create.mutate({ agent: 'echo', match_rule: { text_regex: 'what is' } })
  const pictures = [PICTURE, { ...PICTURE, caption: 'what is this' }, { ...PICTURE, caption: 'and that?' }]
  for (const [phone, to] of [
    [alice, owner],
    [bob, team],
  ] as const) {
    await sendAlbum(phone, pictures, { to })
    await phone.hears('what is this\nand that?', { from: owner })
  }
  const [announced, ...parts] = (await listed(story)).filter(
    ({ from, direction }) => from === alice.phone && direction === 'inbound',
  )
  expect(announced).toMatchObject({ kind: 'album', outcome: 'ignored: album', album: parts[0]?.album })
  expect(parts.map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'answered'])
  for (const { id } of parts)
    expect(await client.whatsapp.messages.trace.query({ id })).toMatchObject({ outcome: 'matched' })

  const page = await browser.open(`${host.url}/channels#/messages`, { token: host.token })
  const rows = page.getByRole('list', { name: 'Messages, newest first' }).getByRole('listitem')
  const album = rows.filter({ hasText: 'An album of 3' })
  await album.first().waitFor()
  expect(await album.count()).toBe(2)
  const row = album.filter({ hasNotText: team.id })
  expect(await row.getByText('what is this').count()).toBe(1)
  expect(await row.getByText('answered').count()).toBe(1)
  await expect.poll(() => row.getByRole('button', { name: 'Show' }).count()).toBe(3)
  await row.getByRole('button', { name: 'Show' }).first().click()
  await row.getByRole('img').waitFor()
  await row.getByRole('link', { name: 'Details' }).click()
  await page.getByText('about 3 messages').waitFor()

  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
  expect((await cli.piped(['bindings', 'explain', parts[2]?.id ?? '']).ended).out).toContain('echo')
})
