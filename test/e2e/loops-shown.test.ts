import { expect, it } from 'vitest'

import { lookingBrowser, stumblingBlocks } from '../support/browser.ts'
import { followMessages } from '../support/events.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { startLinkedStory } from '../support/story.ts'

/** A machine at the number of a contact; ends with what is not answered any more. */
type Machine = {
  readonly does: string
  readonly pacing: object
  readonly reason: string
  readonly run: (alice: PhoneCharacter, owner: PhoneCharacter) => Promise<string>
}

const MACHINES: readonly Machine[] = [
  {
    does: 'says the same text again and again',
    pacing: {},
    reason: 'the same text came again and again',
    run: async (alice, owner) => {
      for (let time = 0; time < 5; time += 1) {
        await alice.says('Out of office', { to: owner })
        await alice.hears('Out of office', { from: owner })
      }
      return alice.says('Out of office', { to: owner })
    },
  },
  {
    does: 'answers each of our answers',
    pacing: { loop_quick_turns: 3 },
    reason: 'each message came seconds after our answer to the previous one',
    run: async (alice, owner) => {
      for (let time = 0; time < 3; time += 1) {
        await alice.says(`and ${time}?`, { to: owner })
        await alice.hears(`and ${time}?`, { from: owner })
      }
      return alice.says('and the last?', { to: owner })
    },
  },
]

it.for(MACHINES)(
  'a machine that $does is shown on the page with the reason, and is answered again once a person lets it go on there',
  { timeout: 120_000 },
  async ({ run, pacing, reason }, context) => {
    await using browser = await lookingBrowser(context)
    await using story = await startLinkedStory()
    const { network, client, host, owner } = story
    const alice = await network.phone('alice')
    await host.writeSettings({ whatsapp: { pacing } })
    await client.channels.reload.mutate()
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    using messages = followMessages(client)
    const page = await browser.open(`${host.url}/channels#/messages`, { token: host.token })
    await page.getByText('No messages yet').waitFor()
    const suspected = page.getByRole('list', { name: 'Chats that look like loops' })

    await run(alice, owner)
    await messages.until(({ data }) => data.outcome === 'unmatched: loop_suspected')
    // The page shows it by itself.
    const note = suspected.getByRole('listitem')
    await note.getByText(alice.phone).waitFor()
    expect(await note.textContent()).toContain(reason)
    expect(await stumblingBlocks(page)).toEqual([])

    await alice.says('is anybody there?', { to: owner })
    const { data } = await messages.until(event => event.data.text === 'is anybody there?')
    expect(data.outcome).toBe('unmatched: loop_suspected')
    await note.getByRole('button', { name: 'Answer it again' }).click()
    await suspected.waitFor({ state: 'detached' })
    expect((await client.loops.list.query()).loops).toEqual([])
    await alice.says('and now?', { to: owner })
    await alice.hears('and now?', { from: owner })
    expect((await alice.heard()).map(({ text }) => text)).not.toContain('is anybody there?')

    // What was held meanwhile says why, and is answered when somebody asks for that.
    await page.goto(`${host.url}/channels#/messages/${data.id}`)
    await page.getByText('this chat looks like a conversation with a machine').waitFor()
    await page.getByRole('button', { name: 'Match it again' }).click()
    await alice.hears('is anybody there?', { from: owner })
  },
)
