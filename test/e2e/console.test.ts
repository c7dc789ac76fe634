import { expect, it } from 'vitest'

import { followTurns } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

it('whoever may only look sees what becomes of a message: turn, tool calls, replies, sends, and how the account stands', async () => {
  await using story = await startLinkedStory()
  const { network, client, host, owner } = story
  const looking = story.clientOf(await host.mintToken('org_local', 'viewer'))
  const standing = async () => (await looking.channels.list.query()).channels[0]?.accounts[0]?.health
  expect(await standing()).toMatchObject({ transport: { status: 'up' }, admission: { status: 'unknown' } })
  const linkedAt = (await standing())?.transport.evidence_at ?? ''

  using turns = followTurns(looking)
  await turns.begun
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { from: alice.phone } })
  await alice.says('restart canary', { to: owner })
  const { message_id: id } = await turns.until(({ status }) => status === 'awaiting_approval')
  const [approval] = (await client.approvals.list.query({ status: 'pending' })).approvals
  await client.approvals.decide.mutate({ id: approval?.id ?? '', approved: true })
  await turns.until(({ status }) => status === 'answered')

  const course = () => looking.whatsapp.messages.course.query({ id })
  await expect.poll(async () => (await course()).replies[0]?.status, { timeout: 10_000 }).toBe('delivered')
  const { turn, steps, replies, hops } = await course()
  expect(turn).toMatchObject({ status: 'answered', message_id: id })
  const restart = { number: 1, effect: 'write', status: 'done', decision: 'approval_required' }
  expect(steps).toMatchObject([restart])
  expect(hops.first_reply_sent_at).toBe(replies[0]?.sent_at)
  expect(JSON.stringify({ turn, steps, replies })).not.toContain('canary')

  const { sends } = await looking.whatsapp.sends.list.query({ limit: 1 })
  expect(sends).toMatchObject([{ id: replies.at(-1)?.send_id, to: alice.phone, kind: 'text', class: 'reply' }])
  expect((await standing())?.admission).toMatchObject({ status: 'open', reason: null })
  const heardLater = async () => {
    await client.whatsapp.test.mutate()
    return ((await standing())?.transport.evidence_at ?? '') > linkedAt
  }
  await expect.poll(heardLater, { timeout: 10_000 }).toBe(true)
})
