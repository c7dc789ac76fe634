import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

const WRITTEN = '+5511987654321'
const HAS = '+551187654321'
const BRAZIL = { contact_spellings: { [WRITTEN.slice(1)]: HAS.slice(1) } }

describe('a binding that names a number as people write it', () => {
  it('shows the number that WhatsApp has, and takes whoever has it', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const ana = await network.phone('ana', { phone: HAS })
    await network.behaves(BRAZIL)
    const made = await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: WRITTEN } })
    expect(made).toMatchObject({ match_rule: { from: WRITTEN }, spelled: { from: HAS } })
    expect((await client.bindings.list.query()).bindings).toMatchObject([{ spelled: { from: HAS } }])
    await ana.says('it is me', { to: owner })
    await ana.hears('it is me', { from: owner })
  })

  it('is undecided while WhatsApp has not said so, and nobody else answers; then it takes what waited', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const ana = await network.phone('ana', { phone: HAS })
    await network.behaves({ ...BRAZIL, contact_query: 500 })
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: WRITTEN } })
    await client.bindings.create.mutate({ agent: 'default', match_rule: {} })
    using messages = followMessages(client)
    await ana.says('who am I', { to: owner })
    const told = await messages.until(({ data }) => data.text === 'who am I')
    expect(told.data.outcome).toBe('unmatched: identity_unknown')
    await network.behaves({ contact_query: 'answered' })
    expect((await client.contacts.check.mutate({ numbers: [WRITTEN] }).catch(() => null)) ?? 'not yet').toBeTruthy()
    await expect
      .poll(
        () =>
          client.contacts.check.mutate({ numbers: [WRITTEN] }).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true)
    await ana.hears('who am I', { from: owner })
  })

  it('takes nobody else: somebody with the other number, when WhatsApp has this one too, is answered by the next', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const other = await network.phone('other', { phone: HAS })
    await network.phone('ana', { phone: WRITTEN })
    const made = await client.bindings.create.mutate({ agent: 'default', match_rule: { from: WRITTEN } })
    expect(made).not.toHaveProperty('spelled')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await other.says('not me', { to: owner })
    await other.hears('not me', { from: owner })
  })
})

describe('an approver', () => {
  it.each(['lid', 'spelling'] as const)('may be named by %s', async how => {
    await using story = await startLinkedStory()
    const { network, client, host, owner } = story
    const [ana, bob] = [await network.phone('ana', { phone: HAS }), await network.phone('bob')]
    await network.behaves(BRAZIL)
    await host.writeSettings({ whatsapp: { approvers: [how === 'lid' ? `lid:${ana.lid}` : WRITTEN] } })
    await client.channels.reload.mutate()
    await expect
      .poll(async () => (await client.channels.list.query()).channels[0]?.connection.status, { timeout: 20_000 })
      .toBe('connected')
    await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: {} })
    await bob.says('restart checkout', { to: owner })
    const question = await ana.hears(({ text }) => text.includes('service.restart'), { withinMs: 20_000 })
    await ana.reacts('👍', { message: question.id })
    const statuses = async () => (await client.approvals.list.query({})).approvals.map(({ status }) => status)
    await expect.poll(statuses, { timeout: 20_000 }).toEqual(['approved'])
  })
})
