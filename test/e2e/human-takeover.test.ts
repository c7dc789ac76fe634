import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import { followMessages } from '../support/events.ts'
import { modelEndpoint, says } from '../support/model-endpoint.ts'
import { plant } from '../support/printed.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import type { LinkedStory } from '../support/story.ts'

const { nextLinkedStory } = storiesInTurn()

const KEY = 'sk-5b7d0c1e9f3a'
const TAKEN = 'unmatched: human_takeover'
/** No automatic greeting: that is a text. */
const PLACE = proto.Message.encode({
  locationMessage: { degreesLatitude: 32.08, degreesLongitude: 34.78, name: 'The back door' },
}).finish()

/** Reads what became of a text, once it is there. */
function outcomesOf({ host }: LinkedStory) {
  const of = async (text: string): Promise<WireMessage | undefined> => {
    const { body } = await host.request('GET', '/api/v1/channels/whatsapp/messages?limit=200')
    const { messages } = body as { messages: WireMessage[] }
    return messages.find(each => each.direction === 'inbound' && each.text === text)
  }
  return async (text: string): Promise<string> => {
    await expect.poll(async () => (await of(text))?.outcome ?? 'not there', { timeout: 20_000 }).not.toBe('not there')
    return String((await of(text))?.outcome)
  }
}

it(
  'a customer asks, the owner answers on the phone, the agent is silent over a SIGKILL, and goes on knowing what was said',
  { timeout: 180_000 },
  async () => {
    plant(KEY)
    await using endpoint = await modelEndpoint(says('Until six.'), says('Number 12, as I was told.'))
    const env = { ASSISTANT_BASE_URL: endpoint.url, ASSISTANT_MODEL: 'parrot-1', ASSISTANT_API_KEY: KEY }
    await using story = await nextLinkedStory({ host: { env } })
    const { network, client, host, owner } = story
    const alice = await network.phone('alice')
    const outcome = outcomesOf(story)
    await client.bindings.create.mutate({ agent: 'assistant', match_rule: { chat_type: 'direct' } })
    await alice.says('when are you open?', { to: owner })
    await alice.hears('Until six.', { from: owner })

    await owner.sends(PLACE, { to: alice })
    await owner.types('number 12, I left it there', { to: alice })
    await alice.says('which door?', { to: owner })
    expect(await outcome('which door?')).toBe(TAKEN)
    expect((await client.takeovers.list.query()).takeovers).toMatchObject([{ chat: alice.phone, by: 'owner' }])

    await host.kill('SIGKILL')
    await host.restart()
    await alice.says('hello?', { to: owner })
    expect(await outcome('hello?')).toBe(TAKEN)
    await owner.types('/agent', { to: alice })
    await alice.says('what number was it?', { to: owner })
    await alice.hears('Number 12, as I was told.', { from: owner, withinMs: 20_000 })

    const told = JSON.stringify(endpoint.asked.at(-1)?.body.messages)
    for (const said of ['The back door', 'number 12, I left it there', 'which door?', 'hello?'])
      expect(told).toContain(said)
    expect(told).not.toContain('/agent')
    expect(await outcome('/agent')).toBe('ignored: resume')
    expect(endpoint.asked).toHaveLength(2)
    expect(await host.request('GET', '/api/v1/takeovers')).toMatchObject({ body: { takeovers: [] } })
  },
)

it(
  'an old question is not answered over the owner when all of it waited while the host was down',
  { timeout: 180_000 },
  async () => {
    await using story = await nextLinkedStory()
    const { network, client, host, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    const outcome = outcomesOf(story)
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    await alice.says('hello', { to: owner })
    await alice.hears('hello', { from: owner })

    await host.kill('SIGKILL')
    await alice.says('old question', { to: owner })
    // More than the host takes over at a time.
    for (let n = 0; n < 120; n += 1) await bob.says(`between ${n}`, { to: owner })
    await owner.sends(PLACE, { to: alice })
    await alice.says('and another', { to: owner })
    await host.restart()
    expect(await outcome('and another')).toBe(TAKEN)
    expect(await outcome('old question')).toBe(TAKEN)
    await owner.types(`/agent ${alice.phone}`, { to: owner })
    expect(await outcome(`/agent ${alice.phone}`)).toBe('ignored: resume')
    await alice.says('new question', { to: owner })
    await alice.hears('new question', { from: owner })
    const said = (await alice.heard()).filter(({ from, own }) => !own && from.name === owner.name && from.device !== 0)
    expect(said.map(({ text }) => text)).toEqual(['hello', 'new question'])
  },
)

it(
  'an answer that had not gone out when the host died does not go out over the owner',
  { timeout: 180_000 },
  async () => {
    await using story = await nextLinkedStory({ host: { env: { ECHO_DELAY_MS: '1500' } } })
    const { network, client, host, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    const outcome = outcomesOf(story)
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    using messages = followMessages(client)
    await alice.says('question', { to: owner })
    await bob.says('another', { to: owner })
    await messages.until(({ data }) => data.direction === 'inbound' && data.text === 'another')
    await network.faults.door('refuse')
    await network.faults.drop(owner)
    for (const text of ['question', 'another'])
      await messages.until(({ data }) => data.direction === 'outbound' && data.text === text)
    await owner.sends(PLACE, { to: alice })
    await host.kill('SIGKILL')
    await network.faults.door('open')
    await host.restart()
    await bob.hears('another', { from: owner, withinMs: 20_000 })
    await expect.poll(() => outcome('question'), { timeout: 20_000 }).toBe(TAKEN)
    await host.request('POST', '/api/v1/takeovers/end', { body: { chat: alice.phone } })
    await alice.says('next', { to: owner })
    await alice.hears('next', { from: owner })
    const said = (await alice.heard()).filter(({ from, own }) => !own && from.name === owner.name && from.device !== 0)
    expect(said.map(({ text }) => text)).toEqual(['next'])
  },
)

it(
  'a chat is taken over and handed back by the API, the command line and the page, which show who has it',
  { timeout: 180_000 },
  async context => {
    await using browser = await lookingBrowser(context)
    await using story = await nextLinkedStory()
    const { network, client, host, owner } = story
    const alice = await network.phone('alice')
    const outcome = outcomesOf(story)
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    const post = (path: string, body: object) =>
      host.request('POST', `/api/v1/${path}`, { body: { chat: alice.phone, ...body } })
    const until = new Date(Date.now() + 3_600_000).toISOString()
    expect(await post('takeovers', { until })).toMatchObject({
      status: 200,
      body: { account: 'default', chat: alice.phone, until, by: 'operator' },
    })
    await alice.says('one', { to: owner })
    expect(await outcome('one')).toBe(TAKEN)
    expect(await post('takeovers/end', {})).toMatchObject({ status: 200, body: { status: 'handed_back' } })
    expect(await post('takeovers/end', {})).toMatchObject({ status: 404 })
    const past = { until: '2020-01-01T00:00:00Z' }
    expect(await post('takeovers', past)).toMatchObject({ status: 400 })
    await alice.says('two', { to: owner })
    await alice.hears('two', { from: owner })

    using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
    expect((await cli.piped(['takeovers', 'begin', alice.phone]).ended).out).toContain(
      'is taken over until handed back',
    )
    expect((await cli.piped(['takeovers', 'list']).ended).out).toContain(alice.phone)
    using messages = followMessages(client)
    await alice.says('three', { to: owner })
    const { data } = await messages.until(event => event.data.text === 'three')
    expect(await client.whatsapp.messages.trace.query({ id: data.id })).toMatchObject({ reason: 'human_takeover' })
    expect((await cli.piped(['takeovers', 'end', alice.phone]).ended).out).toContain('is handed back to its agent')

    const page = await browser.open(`${host.url}/channels#/messages/${data.id}`, { token: host.token })
    await page.getByText('A person had taken over the chat when it was written').waitFor()
    await page.getByRole('button', { name: 'Take this chat over' }).click()
    await expect.poll(async () => (await client.takeovers.list.query()).takeovers).toHaveLength(1)
    const taken = page.getByRole('list', { name: 'Chats taken over by a person' })
    await taken.getByText(alice.phone).waitFor()
    await alice.says('four', { to: owner })
    expect(await outcome('four')).toBe(TAKEN)
    await taken.getByRole('button', { name: 'Hand it back to the agent' }).click()
    await taken.waitFor({ state: 'detached' })
    await alice.says('five', { to: owner })
    await alice.hears('five', { from: owner })
  },
)
