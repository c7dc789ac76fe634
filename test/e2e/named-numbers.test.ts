import { describe, expect, it } from 'vitest'

import type { WhatsAppClient } from '../../client/client.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import type { LinkedStory } from '../support/story.ts'

const { nextLinkedStory } = storiesInTurn()

type Client = WhatsAppClient['client']
/** Two spellings of a number in a country of which nothing is known beforehand: Ivory Coast, which lengthened them in 2021. */
const [WRITTEN, HAS] = ['+22501234567', '+2250701234567']
const digits = (phone: string): string => phone.slice(1)
const SPELLED = { contact_spellings: { [digits(WRITTEN)]: digits(HAS) } }

const namedIn = async (client: Client) => (await client.channels.list.query()).channels[0]?.named_numbers
const isConnected = async (client: Client): Promise<void> => {
  const status = async () => (await client.channels.list.query()).channels[0]?.connection.status
  await expect.poll(status, { timeout: 20_000 }).toBe('connected')
}
const askedFor = async ({ network }: LinkedStory) => (await network.ledger()).lookups.flatMap(({ numbers }) => numbers)

/** New settings, and the line is up again. */
async function reload({ host, client }: LinkedStory, settings: Record<string, unknown>): Promise<void> {
  await host.writeSettings({ whatsapp: { ...settings, limits: { reload_seconds: 0 } } })
  await client.channels.reload.mutate()
  await isConnected(client)
}

describe('a number that the settings name', () => {
  it('is asked for when they are reloaded, and gives its role to whoever has it, however it is spelled', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const ana = await network.phone('ana', { phone: HAS })
    await network.behaves(SPELLED)
    await reload(story, { roles: { [WRITTEN]: 'admin' }, approvers: [WRITTEN] })
    const known = { number: WRITTEN, named_by: ['approver', 'role'], exists: true, address: HAS }
    await expect.poll(() => namedIn(client), { timeout: 20_000 }).toEqual([known])
    expect(await askedFor(story)).toEqual([digits(WRITTEN)])
    await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: {} })
    await ana.says('restart billing', { to: owner })
    // Nobody asks an admin for an approval.
    const { text } = await ana.hears(({ text: said }) => said !== '', { from: owner })
    expect(text).not.toMatch(/approval/i)
    await reload(story, { roles: { [WRITTEN]: 'admin' } })
    expect(await namedIn(client)).toMatchObject([{ named_by: ['role'], address: HAS }])
    expect(await askedFor(story)).toEqual([digits(WRITTEN)])
  })

  it('is said to be unknown while WhatsApp does not answer, gives no role, and is asked for again', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const ana = await network.phone('ana', { phone: HAS })
    await network.behaves({ ...SPELLED, contact_query: 500 })
    await reload(story, { roles: { [WRITTEN]: 'admin' } })
    await network.ledgerWhen(({ lookups }) => lookups.length > 0)
    expect(await namedIn(client)).toEqual([{ number: WRITTEN, named_by: ['role'], exists: null, address: null }])
    await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: {} })
    await ana.says('restart billing', { to: owner })
    await ana.hears(({ text }) => /approval/i.test(text), { from: owner })
    await network.behaves({ contact_query: 'answered' })
    await expect.poll(() => namedIn(client), { timeout: 30_000 }).toMatchObject([{ exists: true, address: HAS }])
  }, 60_000)

  it('is told in full to who may change that, and masked to others', async () => {
    await using story = await nextLinkedStory()
    const viewer = story.clientOf(await story.host.mintToken('org_local', 'viewer'))
    await reload(story, { approvers: [WRITTEN] })
    const unknown = { number: '+225•••67', named_by: ['approver'], exists: false, address: null }
    await expect.poll(() => namedIn(viewer), { timeout: 20_000 }).toEqual([unknown])
    expect(await namedIn(story.client)).toEqual([{ ...unknown, number: WRITTEN }])
  })
})

describe('a binding that was made while nobody could be asked', () => {
  it('says so, and its number is being looked up when the line is up', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const ana = await network.phone('ana', { phone: HAS })
    await network.behaves({ ...SPELLED, contact_query: 500 })
    const rule = { agent: 'echo', match_rule: { from: WRITTEN } } as const
    expect(await client.bindings.create.mutate(rule)).toMatchObject({ not_known_yet: ['from'] })
    await network.behaves({ contact_query: 'answered' })
    await network.faults.drop(owner)
    const [made] = (await client.bindings.list.query()).bindings
    const isKnown = async () => (await client.bindings.get.query({ id: made?.id ?? '' })).spelled
    await expect.poll(isKnown, { timeout: 30_000 }).toEqual({ from: HAS })
    await ana.says('it is me', { to: owner })
    await ana.hears('it is me', { from: owner })
  }, 60_000)

  it('says of a number that nobody has that it is not on WhatsApp', async () => {
    await using story = await nextLinkedStory()
    const made = await story.client.bindings.create.mutate({ agent: 'echo', match_rule: { from: WRITTEN } })
    expect(made).toMatchObject({ not_on_whatsapp: ['from'] })
    expect(made).not.toHaveProperty('not_known_yet')
  })
})
