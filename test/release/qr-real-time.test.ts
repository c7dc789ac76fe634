import { expect, it } from 'vitest'

import { followPairing } from '../support/events.ts'
import { startStory } from '../support/story.ts'

it(
  "with WhatsApp's own times the first code lasts 60 s and the five after it 20 s each",
  { timeout: 240_000 },
  async () => {
    await using story = await startStory()
    const { client } = story
    await client.whatsapp.configure.mutate({ fields: {} })
    const { session_id, expires_in } = await client.whatsapp.qr.start.mutate()
    expect(expires_in).toBe(60)
    using states = followPairing(client, session_id)
    const shownAt: number[] = []
    let seen = 0
    for (let code = 1; code <= 6; code++) {
      await states.until(() => new Set(states.seen.map(state => JSON.stringify(state))).size >= code, 70_000)
      const state = states.seen[seen]
      expect(state).toMatchObject({ status: 'pending', expires_in: code === 1 ? expect.any(Number) : 20 })
      shownAt.push(performance.now())
      seen = states.seen.length
    }
    await states.until(({ status }) => status === 'expired', 30_000)
    shownAt.push(performance.now())
    const gaps = shownAt.slice(1).map((at, index) => Math.round((at - (shownAt[index] ?? 0)) / 1000))
    expect(gaps[0]).toBeGreaterThanOrEqual(59)
    expect(gaps[0]).toBeLessThanOrEqual(61)
    for (const gap of gaps.slice(1)) expect(Math.abs(gap - 20)).toBeLessThanOrEqual(1)
  },
)
