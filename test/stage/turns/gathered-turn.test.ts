import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import { enqueue } from '../../../plugin/outbox/enqueue.ts'
import { SendRateLimiter } from '../../../plugin/outbox/rate-limiter.ts'
import { limitsOf } from '../../../plugin/config/send-limits.ts'
import { knownPerson } from '../../../plugin/store/people/people.ts'
import { albumOf, at, picture, said } from '../../support/gathered.ts'
import { stagesOn } from '../../support/stages.ts'
import { ACCOUNT, ALICE, BOB, GROUP, US, given, linkedStore, textFrom } from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

/** All stages, gathering what comes within 150 ms. */
async function scene(how: Parameters<typeof stagesOn>[1] = {}) {
  const opened = await linkedStore()
  const stages = await stagesOn(opened.store, { bindings: [{}], ...how })
  stages.inForce.gatherMs = 150
  return {
    ...stages,
    store: opened.store,
    [Symbol.asyncDispose]: async () => {
      await stages[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}

describe('an agent that is asked about several messages', () => {
  it('is handed all of them as one, and each by itself', async () => {
    await using here = await scene()
    await here.receive(
      said('look', 0),
      said('at', 100, { mentioned: true }),
      said('this', 200, { forwarded: claimed({ score: 3 }) }),
      said('', 300, { content: { kind: 'contacts', contacts: [{ name: 'Bob', phones: [] }] } }),
    )
    await here.outboxLine('send settled')
    const { message, facts } = given(here.seen[0])
    expect(message).toMatchObject({ text: 'look\nat\nthis', content: { kind: 'text', text: 'look' }, missing: 0 })
    expect(message.pieces.map(({ text, content }) => text || content.kind)).toEqual(['look', 'at', 'this', 'contacts'])
    expect(message.id).toBe(message.pieces[0]?.id)
    expect(facts).toMatchObject({ mentioned: true, claimed: { forwarded: true, forwardingScore: 3 } })
    expect(here.gateway.texts).toEqual(['re: look\nat\nthis'])
    expect(here.seen).toHaveLength(1)
  })

  it('is handed a message that came alone as its one piece', async () => {
    await using here = await scene()
    await here.receive(said('alone', 0))
    await here.line('turn ended')
    const { message } = given(here.seen[0])
    expect(message).toMatchObject({ text: 'alone', pieces: [{ id: message.id, text: 'alone' }], missing: 0 })
  })

  it('is told how many pictures of an album are missing', async () => {
    await using here = await scene()
    await here.receive(
      albumOf('ALBUM', 5, { ms: 0 }),
      picture('a', 100, { album: 'ALBUM' }),
      picture('', 200, { album: 'ALBUM' }),
    )
    await here.store.connection.updateTable('turns').set({ gathers_until: null, next_at: null }).execute()
    here.turns.wake()
    await here.line('turn ended')
    const { message } = given(here.seen[0])
    expect(message).toMatchObject({ text: 'a', missing: 3 })
    expect(message.files).toHaveLength(2)
  })

  it('is told what the first of them quotes that quotes anything', async () => {
    await using here = await scene()
    await here.receive(said('first of all', -60_000))
    await here.line('turn ended')
    const quoted = claimed({ stanzaId: 'ELSEWHERE', sender: BOB, text: 'what he said' })
    await here.receive(said('hm', 0), said('see', 100, { quoted }))
    await here.line('turn ended', 2)
    expect(given(here.seen[1]).facts.quoted).toMatchObject({ text: 'what he said', claimed: true })
  })

  it('fails with all of them, and answers with all of them when it is asked again', async () => {
    let fails = true
    await using here = await scene({
      async *run({ message }) {
        if (fails) throw new Error('not now')
        yield message.text
      },
    })
    await here.receive(said('one', 0), said('two', 100))
    await here.line('turn failed')
    await here.receive(said('three', 200))
    fails = false
    await here.line('turn ended', 2)
    expect(here.seen.map(({ message, attempt }) => `${message.text} (${attempt})`)).toEqual([
      'one\ntwo (1)',
      'one\ntwo (2)',
      'three (1)',
    ])
    expect((await outcomes(here.store)).filter(each => each.includes('answered'))).toHaveLength(3)
  })

  it('says of each of them what became of it', async () => {
    await using here = await scene({
      async *run({ message }) {
        if (message.text !== 'one\ntwo') yield message.text
      },
    })
    await here.receive(said('one', 0), said('two', 100))
    await here.line('turn ended')
    expect(await outcomes(here.store)).toEqual(['one → no_reply', 'two → no_reply'])
  })

  it('finds each of them as it was said in the conversation that comes after', async () => {
    await using here = await scene()
    await here.receive(said('one', 0), said('two', 100))
    await here.line('turn ended')
    await here.receive(said('three', 60_000))
    await here.line('turn ended', 2)
    expect(here.toldAt('three')).toEqual(['person: one', 'person: two', 'agent: re: one\ntwo'])
  })

  it('is asked in a group by each of those who speak at once, with what they said alone', async () => {
    await using here = await scene()
    const in_group = (text: string, ms: number, sender = ALICE) => textFrom(sender, text, { ...at(ms), chat: GROUP })
    await here.receive(in_group('I', 0), in_group('yo', 50, BOB), in_group('need', 100))
    await here.outboxLine('send settled', 2)
    expect(here.gateway.texts).toEqual(['re: I\nneed', 're: yo'])
    expect(here.toldAt('I\nneed')).toEqual([])
    expect(here.toldAt('yo')).toContain('person: I')
  })
})

describe('the time that it takes to type the first answer', () => {
  const wordsOf = (index: number, waitedMs: number) => ({
    ...ACCOUNT,
    id: `snd_${index}_${waitedMs}`,
    content: { kind: 'text', text: 'x'.repeat(10) } as const,
    class: 'reply' as const,
    replyIndex: index,
    waitedMs,
  })

  it.each([
    [0, 0, 1_300],
    [0, 500, 800],
    [0, 5_000, 0],
    [1, 500, 0],
  ])(
    'is shorter by what its question waited for more: reply %i after %i ms takes %i ms',
    async (index, waited, takes) => {
      await using opened = await linkedStore()
      const pace = new SendRateLimiter(
        opened.store,
        () => limitsOf({}),
        () => 0,
      )
      const send = await opened.store.transaction(async trx => {
        const { id } = await knownPerson(trx, ACCOUNT, US)
        const { id: chatKey } = await knownPerson(trx, ACCOUNT, ALICE)
        return enqueue(trx, { ...wordsOf(index, waited), from: id, chatKey }, pace)
      })
      expect(send.notBefore - send.acceptedAt).toBe(takes)
    },
  )

  it('is known of the turn that says it', async () => {
    await using here = await scene()
    const before = Date.now()
    await here.receive(said('one', 0))
    await here.outboxLine('send settled')
    expect(Date.now() - before).toBeGreaterThanOrEqual(150)
    const [turn] = await here.store.connection.selectFrom('turns').select('gather_wait_ms').execute()
    expect(turn?.gather_wait_ms).toBe(150)
  })
})
