import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { modelEndpoint, says } from '../support/model-endpoint.ts'
import { plant } from '../support/printed.ts'
import { startLinkedStory } from '../support/story.ts'

const KEY = 'sk-7c2e9b1d4f60'

it('what an admin of the group deletes is taken back, ours too; what a plain member deletes is not', async () => {
  plant(KEY)
  await using endpoint = await modelEndpoint(says('Noted, I believe.'), says('That is all.'))
  const env = { ASSISTANT_BASE_URL: endpoint.url, ASSISTANT_MODEL: 'parrot-1', ASSISTANT_API_KEY: KEY }
  await using story = await startLinkedStory({ host: { env } })
  const { network, client, owner } = story
  const [alice, bob, carol] = [await network.phone('alice'), await network.phone('bob'), await network.phone('carol')]
  const team = await network.group('Team', [bob, owner, alice, carol])
  await client.bindings.create.mutate({ agent: 'assistant', match_rule: { group: team.id, mentioned: true } })
  const deletes = (who: typeof bob, id: string, author: typeof bob) => {
    const key = { remoteJid: team.id, id, fromMe: false, participant: `${author.lid}@lid` }
    const { REVOKE } = proto.Message.ProtocolMessage.Type
    return who.sends(proto.Message.encode({ protocolMessage: { type: REVOKE, key } }).finish(), { to: team })
  }
  using messages = followMessages(client)
  const secret = await alice.says('the secret word is swordfish', { to: team })
  const kept = await alice.says('the meeting is at nine', { to: team })
  await alice.says('please note', { to: team, mentions: [owner] })
  const ours = await carol.hears(({ text }) => text === 'Noted, I believe.', { from: owner })
  await deletes(bob, secret, alice)
  await deletes(bob, ours.id, owner)
  await deletes(carol, kept, alice)
  const taken = () => messages.seen.filter(({ data }) => data.kind === 'revoke')
  await expect.poll(taken, { timeout: 20_000 }).toHaveLength(3)
  await alice.says('what do you know?', { to: team, mentions: [owner] })
  await carol.hears(({ text }) => text === 'That is all.', { from: owner })
  const told = JSON.stringify(endpoint.asked.at(-1)?.body.messages)
  expect(told).toContain('the meeting is at nine')
  expect(told).not.toContain('swordfish')
  expect(told).not.toContain('Noted, I believe.')
})
