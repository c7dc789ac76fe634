import { afterEach, describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory } from '../support/story.ts'

const story = shared(() => startLinkedStory())

/** Of one test nothing is left over for the next that answers anybody; people are others in each. */
afterEach(async () => {
  const { network, client } = story()
  await network.behaves({ contact_query: 'answered' })
  for (const { id } of (await client.bindings.list.query()).bindings) await client.bindings.delete.mutate({ id })
})

/** A number of Brazil with these last eight digits, as people write it and as WhatsApp has it. */
function brazilian(digits: string) {
  const [written, has] = [`+55119${digits}`, `+5511${digits}`]
  return { written, has, spelled: { contact_spellings: { [written.slice(1)]: has.slice(1) } } }
}

describe('a binding that names a number as people write it', () => {
  it('shows the number that WhatsApp has, and takes whoever has it', async () => {
    const { network, client, owner } = story()
    const { written, has, spelled } = brazilian('87654321')
    const ana = await network.phone('ana', { phone: has })
    await network.behaves(spelled)
    const made = await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: written } })
    expect(made).toMatchObject({ match_rule: { from: written }, spelled: { from: has } })
    expect((await client.bindings.list.query()).bindings).toMatchObject([{ spelled: { from: has } }])
    await ana.says('it is me', { to: owner })
    await ana.hears('it is me', { from: owner })
  })

  it('is undecided while WhatsApp has not said so, and nobody else answers; then it takes what waited', async () => {
    const { network, client, owner } = story()
    const { written, has, spelled } = brazilian('87654322')
    const ana = await network.phone('ana who is not known', { phone: has })
    await network.behaves({ ...spelled, contact_query: 500 })
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: written } })
    await client.bindings.create.mutate({ agent: 'default', match_rule: {} })
    using messages = followMessages(client)
    await ana.says('who am I', { to: owner })
    const told = await messages.until(({ data }) => data.text === 'who am I')
    expect(told.data.outcome).toBe('unmatched: identity_unknown')
    await network.behaves({ contact_query: 'answered' })
    expect((await client.contacts.check.mutate({ numbers: [written] }).catch(() => null)) ?? 'not yet').toBeTruthy()
    await expect
      .poll(
        () =>
          client.contacts.check.mutate({ numbers: [written] }).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true)
    await ana.hears('who am I', { from: owner })
  })

  it('takes nobody else: somebody with the other number, when WhatsApp has this one too, is answered by the next', async () => {
    const { network, client, owner } = story()
    const { written, has } = brazilian('87654323')
    const other = await network.phone('other', { phone: has })
    await network.phone('ana who has the other number', { phone: written })
    const made = await client.bindings.create.mutate({ agent: 'default', match_rule: { from: written } })
    expect(made).not.toHaveProperty('spelled')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await other.says('not me', { to: owner })
    await other.hears('not me', { from: owner })
  })
})

describe('an approver', () => {
  it.each(['lid', 'spelling'] as const)('may be named by %s', async how => {
    const { network, client, host, owner } = story()
    const { written, has, spelled } = brazilian(how === 'lid' ? '87654324' : '87654325')
    const [ana, bob] = [await network.phone(`ana by ${how}`, { phone: has }), await network.phone('bob')]
    await network.behaves(spelled)
    const approvers = [how === 'lid' ? `lid:${ana.lid}` : written]
    await host.writeSettings({ whatsapp: { approvers, limits: { reload_seconds: 0 } } })
    await client.channels.reload.mutate()
    await expect
      .poll(async () => (await client.channels.list.query()).channels[0]?.connection.status, { timeout: 20_000 })
      .toBe('connected')
    await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: {} })
    const approvals = async () => (await client.approvals.list.query({})).approvals
    const earlier = await approvals()
    await bob.says('restart checkout', { to: owner })
    const question = await ana.hears(({ text }) => text.includes('service.restart'), { withinMs: 20_000 })
    await ana.reacts('👍', { message: question.id })
    const statuses = async () => (await approvals()).slice(0, -earlier.length || undefined).map(({ status }) => status)
    await expect.poll(statuses, { timeout: 20_000 }).toEqual(['approved'])
  })
})
