import { expect, it } from 'vitest'

import { startLinkedStory } from '../support/story.ts'

it('a read tool passes the gate, a write tool does not, and the chat is told either way', async () => {
  await using story = await startLinkedStory()
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { from: alice.phone } })

  await alice.says('status', { to: owner })
  const status = await alice.hears(({ text }) => text !== '', { from: owner })
  expect(status.text).not.toMatch(/approval/i)
  await alice.says('restart billing', { to: owner })
  const refusal = await alice.hears(({ text }) => text !== '', { from: owner })
  expect(refusal.text).toMatch(/approval/i)
})
