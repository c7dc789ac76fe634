import { describe, expect, it } from 'vitest'

import type { MatchRule } from '../../../plugin/contract/binding.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { settleFile } from '../../../plugin/store/messages/attachments.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { nextDueAt } from '../../../plugin/store/turns/ready-turns.ts'
import { unholdTurns } from '../../../plugin/store/turns/turns.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { addBinding } from '../../../plugin/store/accounts/bindings.ts'
import { albumOf, at, gatheringScene, picture, said } from '../../support/gathered.ts'
import { ACCOUNT, ALICE, BOB, GROUP, ORG, US, given, textFrom } from '../../support/store.ts'

const ALBUM = 'ALBUM1'
const inAlbum = (caption: string, ms: number, more: Partial<InboundMessage> = {}) =>
  picture(caption, ms, { album: ALBUM, ...more })

describe('an album', () => {
  it.each<[string, InboundMessage[], string]>([
    ['in order', [albumOf(ALBUM, 3, { ms: 0 }), inAlbum('a', 100), inAlbum('b', 200), inAlbum('c', 300)], 'a + b + c'],
    [
      'announced between',
      [inAlbum('a', 0), albumOf(ALBUM, 3, { ms: 50 }), inAlbum('b', 100), inAlbum('c', 300)],
      'a + b + c',
    ],
    ['announced last', [inAlbum('a', 0), inAlbum('b', 100), albumOf(ALBUM, 2, { ms: 200 })], 'a + b'],
    ['slowly', [albumOf(ALBUM, 2, { ms: 0 }), inAlbum('a', 100), inAlbum('b', 14_000)], 'a + b'],
  ])('is one question however it comes: %s', async (_, messages, turn) => {
    await using here = await gatheringScene({})
    await here.receive(...messages)
    expect(await here.turns()).toEqual([turn])
  })

  it('of 30 is one question', async () => {
    await using here = await gatheringScene({})
    await here.receive(albumOf(ALBUM, 30, { ms: 0 }), ...Array.from({ length: 30 }, (_, n) => inAlbum(`${n}`, n * 100)))
    expect((await here.turns()).map(each => each.split(' + ').length)).toEqual([30])
  })

  it('is asked about as soon as all of it is there', async () => {
    await using here = await gatheringScene({})
    await here.receive(albumOf(ALBUM, 2, { ms: 0 }), inAlbum('a', 100))
    expect(await here.begun(Date.now() + 15_000)).toEqual([])
    await here.receive(inAlbum('b', 200))
    expect(await nextDueAt(here.store.connection, Date.now())).toBeGreaterThan(Date.now() + 60_000)
    await filesAre(here.store)
    expect(await here.begun(Date.now())).toMatchObject([{ pieces: 2 }])
  })

  it('waits for each of its files', async () => {
    await using here = await gatheringScene({})
    await here.receive(albumOf(ALBUM, 2, { ms: 0 }), inAlbum('a', 100), inAlbum('b', 200))
    const messages = await listMessages(here.store.connection, ORG, { after: 0, limit: 10 })
    for (const [left, { id }] of messages.slice(1).entries()) {
      expect(await here.begun(Date.now())).toEqual([])
      await here.store.transaction(async trx => {
        await settleFile(trx, id, { failure: 'gone' })
        await unholdTurns(trx, id)
      })
      expect(await here.begun(Date.now())).toHaveLength(left)
    }
  })

  it('is asked about as soon as its announcement says that all of it is there', async () => {
    await using here = await gatheringScene({})
    await here.receive(inAlbum('a', 0), inAlbum('b', 100))
    await filesAre(here.store)
    expect(await here.begun(Date.now() + 15_000)).toEqual([])
    await here.receive(albumOf(ALBUM, 2, { ms: 300 }))
    expect(await here.begun(Date.now())).toMatchObject([{ pieces: 2 }])
  })

  it('waits 20 s for what is missing, and leaves out what comes later, which is shown', async () => {
    await using here = await gatheringScene({})
    const before = Date.now()
    await here.receive(albumOf(ALBUM, 3, { ms: 0 }), inAlbum('a', 100), inAlbum('b', 200))
    await filesAre(here.store)
    const due = given(await nextDueAt(here.store.connection, before))
    expect(due).toBeGreaterThanOrEqual(before + 20_000)
    expect(due).toBeLessThanOrEqual(Date.now() + 20_000)
    expect(await here.begun(due - 1)).toEqual([])
    expect(await here.begun(due)).toMatchObject([{ pieces: 2 }])
    await here.receive(inAlbum('c', 21_000))
    expect(await here.turns()).toEqual(['a + b'])
    expect((await here.outcomes()).at(-1)).toBe('c → unmatched: album_late')
    const late = given((await listMessages(here.store.connection, ORG, { after: 0, limit: 10 })).at(-1))
    await here.inbox.replay(ORG, late.id)
    expect(await here.turns()).toEqual(['a + b', 'c'])
  })

  it('keeps waiting through a text that somebody writes beside it', async () => {
    await using here = await gatheringScene({})
    here.inForce.gatherMs = 1_500
    await here.receive(said('look', -500), albumOf(ALBUM, 2, { ms: 0 }), inAlbum('a', 100), said('at this', 500))
    await filesAre(here.store)
    expect(await here.begun(Date.now() + 15_000)).toEqual([])
    await here.receive(inAlbum('b', 6_000))
    expect(await here.turns()).toEqual(['look + a + at this + b'])
  })

  it('counts as one message where a budget is asked', async () => {
    await using here = await gatheringScene({})
    here.inForce.budgets = { perSender: 2, perChat: null, perAccount: null }
    await here.receive(albumOf(ALBUM, 5, { ms: 0 }), ...Array.from({ length: 5 }, (_, n) => inAlbum(`${n}`, n * 100)))
    await here.receive(said('second', 5_000), said('third', 10_000))
    expect(await here.turns()).toEqual(['0 + 1 + 2 + 3 + 4', 'second'])
    expect((await here.outcomes()).at(-1)).toBe('third → unmatched: rate_limited')
  })

  it.each([['{}', {}] as const, ['a rule about one caption', { text_regex: '!bot' }] as const])(
    'is no way round a budget: what names one that has 100 pictures already is not asked about, with %s',
    async (_, rule) => {
      await using here = await gatheringScene(rule)
      here.inForce.budgets = { perSender: 1, perChat: null, perAccount: null }
      const parts = Array.from({ length: 103 }, (_each, n) => inAlbum(n === 0 ? '!bot' : `${n}`, n))
      await here.receive(albumOf(ALBUM, 200, { ms: 0 }), ...parts)
      expect((await here.turns()).map(each => each.split(' + ').length)).toEqual([100])
      const after = (await here.outcomes()).slice(-3).map(each => each.split(' → ')[1])
      expect(after).toEqual(Array(3).fill('unmatched: album_late'))
    },
  )

  it('is one question also when it waited until it was known which number is linked', async () => {
    await using here = await gatheringScene({ text_regex: '!bot' })
    await here.store.connection.deleteFrom('confirmations').execute()
    await here.receive(albumOf(ALBUM, 3, { ms: 0 }), inAlbum('a', 100), inAlbum('!bot', 200), inAlbum('c', 300))
    expect(await here.turns()).toEqual([])
    await here.inbox.confirmLink(ACCOUNT, given(US.phone))
    expect(await here.turns()).toEqual(['a + !bot + c'])
  })

  it('is asked about as a whole when a person asks about one picture of it', async () => {
    await using here = await gatheringScene({ text_regex: '!bot' })
    await here.receive(albumOf(ALBUM, 2, { ms: 0 }), inAlbum('a', 100), inAlbum('b', 200))
    await here.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: {} }))
    const [, , b] = await listMessages(here.store.connection, ORG, { after: 0, limit: 10 })
    await here.inbox.replay(ORG, given(b).id)
    expect(await here.turns()).toEqual(['a + b'])
  })

  it('is its sender’s: nobody else adds to it', async () => {
    await using here = await gatheringScene({})
    await here.receive(
      albumOf(ALBUM, 2, { ms: 0, chat: GROUP }),
      inAlbum('a', 100, { chat: GROUP }),
      inAlbum('x', 200, { chat: GROUP, sender: BOB }),
      inAlbum('b', 300, { chat: GROUP }),
    )
    expect(await here.turns()).toEqual(['a + b', 'x'])
  })

  it('is two in two chats', async () => {
    await using here = await gatheringScene({})
    await here.receive(inAlbum('a', 0), inAlbum('b', 100, { chat: GROUP }))
    expect(await here.turns()).toEqual(['a', 'b'])
  })

  it('goes on with what is left when pictures of it are taken back', async () => {
    await using here = await gatheringScene({})
    const [first, second] = [inAlbum('a', 100), inAlbum('b', 200)]
    const takesBack = (target: InboundMessage) =>
      said('', 900, { content: { kind: 'revoke', target: target.stanzaId } })
    await here.receive(albumOf(ALBUM, 3, { ms: 0 }), first, takesBack(first), second)
    expect(await here.turns()).toEqual(['b'])
    await here.receive(inAlbum('c', 1_000))
    await filesAre(here.store)
    expect(await here.turns()).toEqual(['b + c'])
    expect(await here.begun(Date.now())).toHaveLength(1)
  })
})

describe('what is said of one picture of an album', () => {
  const four = (which: number, word: string) =>
    Array.from({ length: 4 }, (_, n) => inAlbum(n === which ? word : `${n}`, n * 100))

  it.each([0, 1, 2, 3])('is said of all of them: a rule takes the caption of number %i', async which => {
    await using here = await gatheringScene({ text_regex: '!bot' })
    await here.receive(albumOf(ALBUM, 4, { ms: 0 }), ...four(which, '!bot'))
    expect(await here.turns()).toHaveLength(1)
    expect((await here.turns())[0]?.split(' + ')).toHaveLength(4)
    const parts = (await here.outcomes()).filter(each => !each.includes('album'))
    expect(new Set(parts.map(each => each.split(' → ')[1]))).toEqual(new Set(['matched']))
  })

  it.each([0, 1, 2, 3])('is said of all of them: the number is mentioned with number %i', async which => {
    await using here = await gatheringScene({ chat_type: 'group', mentioned: true })
    const parts = four(which, 'x').map((part, n) => ({ ...part, chat: GROUP, mentioned: n === which }))
    await here.receive(albumOf(ALBUM, 4, { ms: 0, chat: GROUP }), ...parts)
    expect((await here.turns()).map(each => each.split(' + ').length)).toEqual([4])
  })

  it('has its agent asked about all of it, though another would be asked about the others', async () => {
    await using here = await gatheringScene()
    const bind = (agent: string, rule: MatchRule) =>
      here.store.transaction(trx => addBinding(trx, ORG, { agent, rule }))
    await bind('helper', { text_regex: '!help' })
    await bind('echo', {})
    await here.receive(albumOf(ALBUM, 3, { ms: 0 }), inAlbum('a', 100), inAlbum('!help', 200), inAlbum('c', 300))
    expect(await here.turns()).toEqual(['a + !help + c'])
    await filesAre(here.store)
    expect(await here.begun(Date.now())).toMatchObject([{ agent: 'helper' }])
    const bindings = (await listMessages(here.store.connection, ORG, { after: 0, limit: 10 })).slice(1)
    expect(new Set(bindings.map(({ bindingId }) => bindingId)).size).toBe(1)
  })

  it('asks nobody when no rule takes any of them', async () => {
    await using here = await gatheringScene({ text_regex: '!bot' })
    await here.receive(albumOf(ALBUM, 2, { ms: 0 }), inAlbum('a', 100), inAlbum('b', 200))
    expect(await here.turns()).toEqual([])
    expect((await here.outcomes()).slice(1)).toEqual(['a → unmatched: no_binding', 'b → unmatched: no_binding'])
  })

  it('does not bind what somebody writes beside the album', async () => {
    await using here = await gatheringScene({ text_regex: '!bot' })
    await here.receive(
      albumOf(ALBUM, 2, { ms: 0 }),
      inAlbum('!bot', 100),
      textFrom(ALICE, 'plain', at(150)),
      inAlbum('b', 200),
    )
    expect(await here.turns()).toEqual(['!bot + b'])
  })
})

/** All files are there. */
async function filesAre(store: Store): Promise<void> {
  await store.connection.updateTable('attachments').set({ next_at: null }).execute()
  await store.connection.updateTable('turns').set({ next_at: null }).execute()
}
