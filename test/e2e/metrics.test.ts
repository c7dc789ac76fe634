import { expect, it } from 'vitest'

import { readPrometheus, sumOf, valueOf } from '../support/prometheus.ts'
import { startLinkedStory } from '../support/story.ts'

it('Prometheus is told what a conversation was and what of it was too much, and nothing of who had it', async () => {
  await using story = await startLinkedStory()
  const { network, client, host, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { from: alice.phone } })
  await alice.says('status', { to: owner })
  await alice.hears(({ text }) => text !== '', { from: owner })
  await alice.says('restart canary', { to: owner })
  await alice.hears(({ text }) => /approval/.test(text), { from: owner })

  const token = await host.mintToken('org_local', 'viewer')
  const asked = async (path: string) => {
    const answer = await fetch(`${host.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    return answer.text()
  }
  const settled = async () => sumOf(readPrometheus(await asked('/metrics')), 'whatsapp_turns_total')
  await expect.poll(settled, { timeout: 10_000 }).toBe(1)
  const text = await asked('/api/v1/metrics')
  const page = readPrometheus(text)
  const account = 'default'
  expect(valueOf(page, 'whatsapp_messages_received_total', { account })).toBe(2)
  expect(valueOf(page, 'whatsapp_messages_matched_total', { account })).toBe(2)
  expect(valueOf(page, 'whatsapp_turns_total', { status: 'answered' })).toBe(1)
  expect(valueOf(page, 'whatsapp_tool_decisions_total', { decision: 'allow', effect: 'read' })).toBe(1)
  expect(valueOf(page, 'whatsapp_tool_decisions_total', { decision: 'approval_required', effect: 'write' })).toBe(1)
  expect(valueOf(page, 'whatsapp_deliveries_total', { status: 'accepted' })).toBe(2)
  expect(valueOf(page, 'whatsapp_gateway_state', { account, state: 'connected' })).toBe(1)
  expect(valueOf(page, 'whatsapp_last_received_age_seconds', { account })).toBeLessThan(60)
  for (const told of ['canary', alice.phone.slice(1), alice.lid, owner.phone.slice(1)]) expect(text).not.toContain(told)
  expect((await fetch(`${host.url}/metrics`)).status).toBe(401)

  await host.writeSettings({ whatsapp: { budgets: { per_sender_minute: 3 } } })
  await client.channels.reload.mutate()
  for (const text of ['status', 'too much']) await alice.says(text, { to: owner })
  const limited = { account, reason: 'rate_limited' }
  const tooMuch = async () =>
    valueOf(readPrometheus(await asked('/metrics')), 'whatsapp_messages_unmatched_total', limited)
  await expect.poll(tooMuch, { timeout: 10_000 }).toBe(1)
  const { messages } = await client.whatsapp.messages.list.query({ limit: 10 })
  const over = messages.find(({ outcome }) => outcome === 'unmatched: rate_limited')
  expect(over?.text).toBe('too much')
  const replayed = await client.bindings.replay.mutate({ message_id: over?.id ?? '' })
  expect(replayed.outcome).toBe('matched')
  await alice.hears(({ text }) => text.startsWith('I know two things'), { from: owner })
})
