import { expect, it } from 'vitest'

import { liftCallLimits } from '../support/lifted-calls.ts'
import { startLinkedStory } from '../support/story.ts'

it('F53: a thousand sends at once under one key are one send, and another body under it is refused', async () => {
  await using story = await startLinkedStory()
  const { network, host } = story
  await liftCallLimits(host)
  const alice = await network.phone('alice')
  const send = (text: string) =>
    host.request('POST', '/api/v1/channels/whatsapp/send', {
      headers: { 'idempotency-key': 'deploy-4711' },
      body: { to: alice.phone, text },
    })
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => send('deployed')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  expect(await send('rolled back')).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_reused' } } })
  await alice.hears('deployed')
  await host.request('POST', '/api/v1/channels/whatsapp/send', { body: { to: alice.phone, text: 'and then' } })
  await alice.hears('and then')
  expect((await alice.heard()).filter(({ text }) => text === 'deployed')).toHaveLength(1)
})
