import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { startLinkedStory } from '../support/story.ts'

it('what phones forward and whom they mention is known of every kind, and a rule asks for it', async () => {
  await using story = await startLinkedStory({ network: { media: true } })
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  const team = await network.group('Team', [owner, alice])
  const { id } = await client.bindings.create.mutate({ agent: 'echo', match_rule: { forwarded: true } })
  const said = async (text: string) => {
    using messages = followMessages(client)
    return (await messages.until(({ data }) => data.text === text && data.direction === 'inbound')).data
  }
  const about = { to: owner, forwarded: 7 }
  await alice.says('a text', about)
  await alice.sendsFile({ kind: 'document', mime: 'text/csv', bytes: PNG, caption: 'a file' }, about)
  const poll = { pollCreationMessageV3: { name: 'a poll', options: [{ optionName: 'yes' }] } }
  await alice.sends(proto.Message.encode(poll).finish(), about)
  for (const text of ['a text', 'a file', 'a poll']) {
    expect(await said(text)).toMatchObject({ claimed: { forwarded: true, forwarding_score: 7 }, binding_id: id })
  }
  await alice.says('her own', { to: owner })
  expect(await said('her own')).toMatchObject({ claimed: { forwarded: false }, binding_id: null })

  for (const mentionsAll of ['mark', 'group'] as const) {
    await alice.says(`all by ${mentionsAll}`, { to: team, mentionsAll })
    expect(await said(`all by ${mentionsAll}`)).toMatchObject({ mentions_all: true, mentioned: false })
  }
  const refused = await client.bindings.create
    .mutate({ agent: 'echo', match_rule: { forwarded: false as true } })
    .catch((error: unknown) => error)
  expect(String(refused)).toContain('proves nothing')
})
