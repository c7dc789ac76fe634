import { expect, it } from 'vitest'

import { calls, modelEndpoint, refuses, says } from '../support/model-endpoint.ts'
import { plant } from '../support/printed.ts'
import { startLinkedStory } from '../support/story.ts'

const KEY = 'sk-4f1c7d0b9a2e'

it('alice talks to the assistant, which knows what was said, reads by a tool, and forgets when she wants it to', async () => {
  plant(KEY)
  await using endpoint = await modelEndpoint(
    refuses(503, { 'retry-after': '0' }),
    says('Hello **Alice**!'),
    calls({ name: 'service_status', arguments: '{}' }),
    says('All is up, Alice.'),
    says('I do not know you.'),
  )
  const env = { ASSISTANT_BASE_URL: endpoint.url, ASSISTANT_MODEL: 'parrot-1', ASSISTANT_API_KEY: KEY }
  await using story = await startLinkedStory({ host: { env } })
  const { network, client, host, owner } = story
  await host.writeSettings({ whatsapp: { reset_trigger: '/reset' } })
  await client.channels.reload.mutate()
  await client.bindings.create.mutate({ agent: 'assistant', match_rule: { chat_type: 'direct' } })
  const alice = await network.phone('alice', { pushName: 'Alice' })
  const hears = async (): Promise<string | null> =>
    (await alice.hears(({ kind, own }) => kind === 'text' && !own, { from: owner })).text

  await alice.says('I am Alice', { to: owner })
  expect(await hears()).toBe('Hello *Alice*!')
  await alice.says('is all well?', { to: owner })
  expect(await hears()).toBe('All is up, Alice.')
  await alice.says('/Reset', { to: owner })
  expect(await hears()).toMatch(/^A fresh start/)
  await alice.says('who am I?', { to: owner })
  expect(await hears()).toBe('I do not know you.')

  const told = endpoint.asked.map(({ body }) => JSON.stringify(body.messages.slice(1)))
  expect(told).toHaveLength(5)
  expect(told[2]).toMatch(/I am Alice.*Hello \*Alice\*!.*is all well\?/)
  expect(told[3]).toContain('api: up')
  expect(told[4]).not.toMatch(/I am Alice|is all well|fresh start/)
  const { messages } = await client.whatsapp.messages.list.query({ limit: 20 })
  expect(messages.find(({ text }) => text === '/Reset')).toMatchObject({ outcome: 'reset' })
  expect(host.logs()).not.toContain(KEY)
  expect(host.logs()).toContain('host.model_failed')
})
