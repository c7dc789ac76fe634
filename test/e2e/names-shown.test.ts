import { expect, it } from 'vitest'

import { lookingBrowser } from '../support/browser.ts'
import { followTurns } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

it('a group and whoever writes in it are called by their own names beside their addresses, in every view', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await startLinkedStory()
  const { network, client, host, owner } = story
  const alice = await network.phone('alice')
  const team = await network.group('Team', [alice, owner])
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { group: team.id } })
  using turns = followTurns(client)
  await turns.begun
  await alice.says('restart canary', { to: team, mentions: [owner] })
  const { message_id: first } = await turns.until(({ status }) => status === 'awaiting_approval')

  // Nobody has asked for groups: the name of one that something comes in is asked for.
  const shown = async () =>
    (await client.whatsapp.messages.list.query({})).messages
      .filter(({ direction, kind }) => direction === 'inbound' && kind === 'text')
      .map(({ sender_name: name, group_subject: subject }) => `${name} in ${subject}`)
  await expect.poll(shown, { timeout: 10_000 }).toEqual(['alice in Team'])
  // WhatsApp's clock counts whole seconds: what is changed within one was always so.
  const [{ received_at: at } = { received_at: '' }] = (await client.whatsapp.messages.list.query({})).messages
  await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(Date.parse(at) + 1_000)
  await network.changeGroup(team, { by: alice, subject: 'Holiday' })
  await alice.says('where are we going?', { to: team })
  await expect.poll(shown, { timeout: 10_000 }).toEqual(['alice in Holiday', 'alice in Team'])

  const { approvals } = await client.approvals.list.query({})
  const asked = { address: alice.phone, name: 'alice', group: team.id, group_subject: 'Team' }
  expect(approvals).toMatchObject([{ asked }])
  await client.approvals.decide.mutate({ id: approvals[0]?.id ?? '', approved: true })
  await turns.until(({ status, message_id: id }) => id === first && status === 'answered')
  const { sends } = await client.whatsapp.sends.list.query({})
  expect(new Set(sends.map(({ to, to_name: name }) => `${to} ${name}`))).toEqual(
    new Set([`${team.id} Team`, `${team.id} Holiday`]),
  )

  const page = await browser.open(`${host.url}/channels#messages`, { token: host.token })
  await page.getByText(`in ${team.id} ~Holiday`).first().waitFor()
  const place = (name: string) => page.getByRole('link', { name }).click()
  await place('Deliveries')
  await page.getByText(`To ${team.id} ~Holiday`).first().waitFor()
  await place('Audit')
  await page.getByText(`for ${alice.phone} ~alice in ${team.id} ~Team`).first().waitFor()
})
