import { randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { filesWith } from '../support/canary.ts'
import { PAGE_POLICY } from '../support/policy-folder.ts'
import type { FileSent } from '../../host-stub/whatsapp/client/phone-character.ts'
import type { GroupCharacter, PhoneCharacter } from '../support/network.ts'
import { followMessages } from '../support/events.ts'
import { given } from '../support/given.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

/** Long enough for all that is to happen before, on a slow machine and in three chats at once. */
const LIFETIME_S = 15
const PATIENCE_MS = 40_000
const TEST_MS = 120_000

type Scene = Story & { readonly owner: PhoneCharacter }

/** Words that are nowhere by chance. */
const canary = (): string => `canary-${randomBytes(9).toString('hex')}`

const listed = async ({ client }: Story): Promise<WireMessage[]> =>
  (await client.whatsapp.messages.list.query({ limit: 100 })).messages

const textOf = (text: string, expiration: number): Uint8Array =>
  proto.Message.encode({ extendedTextMessage: { text, contextInfo: { expiration } } }).finish()

/** Waits until nothing that was said holds these words, and everything of these messages is forgotten. */
const forgotten = (story: Story, ids: readonly string[]): Promise<void> =>
  expect
    .poll(
      async () => {
        const messages = await listed(story)
        return messages.filter(({ id, kind }) => ids.includes(id) && kind !== 'forgotten').length
      },
      { timeout: PATIENCE_MS, interval: 200 },
    )
    .toBe(0)

async function answeredBy(story: Scene, agent: string, settings: Record<string, unknown> = {}): Promise<void> {
  const { host, client } = story
  await host.request('PUT', '/api/v1/policies/whatsapp', { body: { source: PAGE_POLICY } })
  for (const name of ['agentcy', 'api', 'connectors', 'tools']) await host.request('DELETE', `/api/v1/policies/${name}`)
  await host.writeSettings({ whatsapp: { ...settings, limits: { reload_seconds: 0 } } })
  expect(await host.request('POST', '/api/v1/channels/reload')).toMatchObject({ status: 200 })
  await client.bindings.create.mutate({ agent, match_rule: {} })
}

type Disappearing = {
  readonly place: 'direct' | 'group'
  readonly by: 'the setting of the chat' | 'what each message says itself'
  readonly carol: PhoneCharacter
}

/** Words and a file are said in a chat of its own, and disappear. */
async function disappears(story: Scene, { place, by, carol }: Disappearing): Promise<void> {
  const name = `${place}, by ${by}`
  const { network, client, owner, host } = story
  const alice = await network.phone(`alice, ${name}`)
  const team = await network.group(`Team, ${name}`, [owner, alice])
  const [to, chat]: [PhoneCharacter | GroupCharacter, string] =
    place === 'direct' ? [owner, alice.phone] : [team, team.id]
  const isSetting = by === 'the setting of the chat'
  const [words, stays, bytes] = [canary(), canary(), randomBytes(300)]
  using messages = followMessages(client)

  await alice.says(stays, { to })
  await messages.until(({ data }) => data.text === stays)
  await alice.hears(({ text }) => text.startsWith('I know two things'), { from: owner })
  if (isSetting) await alice.setsTimer(LIFETIME_S, to)
  const says = (text: string) => (isSetting ? alice.says(text, { to }) : alice.sends(textOf(text, LIFETIME_S), { to }))

  await says(`restart ${words}`)
  const asked = (await messages.until(({ data }) => data.text === `restart ${words}`)).data
  const question = await carol.hears(({ text }) => text.includes(words), { from: owner })
  expect(question.text, name).toMatch(/^Approval needed/)
  const approvals = async () => (await client.approvals.list.query({})).approvals
  const approval = (await approvals()).find(each => JSON.stringify(each.arguments).includes(words))
  await carol.says('yes', { to: owner, quotes: question.id })
  await alice.hears(({ text }) => text.includes(`There is no service "${words}"`), { from: owner })
  expect(filesWith(words, host.home), name).not.toEqual([])
  await client.whatsapp.send.mutate({ to: chat, text: 'about that', reply_to: asked.id })
  await alice.hears('about that', { from: owner })
  const file: FileSent = { kind: 'document', mime: 'text/plain', bytes, caption: words, fileName: `${words}.txt` }
  const lies = proto.Message.encode({ documentMessage: { contextInfo: { expiration: LIFETIME_S } } }).finish()
  await alice.sendsFile(isSetting ? file : { ...file, lies }, { to })
  await alice.hears(({ text }) => text.startsWith('I know two things'), { from: owner })
  expect(filesWith(bytes, host.home), name).not.toEqual([])

  const said = (await listed(story)).filter(({ text, id }) => text?.includes(words) || id === asked.id)
  expect(said.length, name).toBeGreaterThanOrEqual(4)
  await forgotten(
    story,
    said.map(({ id }) => id),
  )
  await expect.poll(() => filesWith(words, host.home), { timeout: PATIENCE_MS, message: name }).toEqual([])
  await expect.poll(() => filesWith(bytes, host.home), { timeout: PATIENCE_MS, message: name }).toEqual([])
  expect(host.logs(), name).not.toContain(words)

  const left = (await listed(story)).filter(each => each.chat === chat)
  expect(
    left.find(({ text }) => text === stays),
    name,
  ).toMatchObject({ kind: 'text' })
  expect(
    left.find(({ id }) => id === asked.id),
    name,
  ).toMatchObject({ kind: 'forgotten', text: null, outcome: 'answered' })
  expect(left.find(({ media }) => media.length > 0)?.media, name).toMatchObject([
    { artifact_id: null, problem: 'forgotten' },
  ])
  expect(
    (await approvals()).find(({ id }) => id === approval?.id),
    name,
  ).toMatchObject({
    status: 'approved',
    arguments: {},
  })
}

it(
  'words and a file that disappear from a direct chat and a group, by its setting or what each message says itself, are in no file of the host or its gateway any more',
  async () => {
    await using story = await startLinkedStory({ network: { media: true } })
    const carol = await story.network.phone('carol')
    await answeredBy(story, 'incident-responder', { approvers: [carol.phone] })
    const cases = [
      ['direct', 'the setting of the chat'],
      ['direct', 'what each message says itself'],
      ['group', 'the setting of the chat'],
    ] as const
    // At the same time: what is waited for is most of it.
    await Promise.all(cases.map(([place, by]) => disappears(story, { place, by, carol })))
  },
  TEST_MS,
)

it(
  'what disappears while the host is killed is forgotten at its start, and nobody answers it',
  async () => {
    await using story = await startLinkedStory({ host: { env: { ECHO_DELAY_MS: '3600000' } } })
    const { network, client, owner, host } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    const words = canary()
    using messages = followMessages(client)
    await alice.sends(textOf(words, 4), { to: owner })
    const { data } = await messages.until(each => each.data.text === words)
    const dueAt = Date.parse(data.received_at) + 4_000
    await host.kill('SIGKILL')
    expect(filesWith(words, host.home)).not.toEqual([])
    await expect.poll(() => Date.now(), { timeout: PATIENCE_MS }).toBeGreaterThan(dueAt)
    await host.restart()
    const again = { ...story, client: story.clientOf(host.token) }
    await forgotten(again, [data.id])
    await expect.poll(() => filesWith(words, host.home), { timeout: PATIENCE_MS }).toEqual([])
    expect((await listed(again)).find(({ id }) => id === data.id)).toMatchObject({ outcome: 'ignored: forgotten' })
    expect(await host.request('GET', '/api/v1/turns')).toMatchObject({
      body: { turns: [{ status: 'cancelled', code: 'forgotten' }] },
    })
    expect((await alice.heard()).filter(({ own }) => !own)).toEqual([])
  },
  TEST_MS,
)

it(
  'with keep_disappearing all of it is kept, until that is set back',
  async () => {
    await using story = await startLinkedStory()
    const { network, client, owner, host } = story
    const alice = await network.phone('alice')
    await answeredBy(story, 'echo', { keep_disappearing: 'on' })
    const words = canary()
    using messages = followMessages(client)
    await alice.setsTimer(2, owner)
    await alice.says(words, { to: owner })
    const { data } = await messages.until(each => each.data.text === words && each.data.direction === 'inbound')
    await alice.hears(words, { from: owner })
    await expect.poll(() => Date.now(), { timeout: PATIENCE_MS }).toBeGreaterThan(Date.parse(data.received_at) + 3_000)
    await alice.says('and then', { to: owner })
    await alice.hears('and then', { from: owner })
    expect((await listed(story)).filter(({ text }) => text === words)).toHaveLength(2)
    expect(filesWith(words, host.home)).not.toEqual([])

    await host.writeSettings({ whatsapp: {} })
    expect(await host.request('POST', '/api/v1/channels/reload')).toMatchObject({ status: 200 })
    await forgotten(story, [given(data.id)])
    await expect.poll(() => filesWith(words, host.home), { timeout: PATIENCE_MS }).toEqual([])
  },
  TEST_MS,
)
