import { describe, expect, it } from 'vitest'

import { DEFAULT_ACCOUNT } from '../../../plugin/contract/ids.ts'
import { findBinding, listBindings, replaceBinding } from '../../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { albumOf, picture } from '../../support/gathered.ts'
import { queuedTexts } from '../../support/inbox.ts'
import {
  bindingsOn,
  CAROL,
  endsOf,
  explanationsOn,
  HEAVY,
  hostile,
  LONG,
  SLOW,
  slowScene,
  slowSceneOn,
  TOO_SLOW,
} from '../../support/slow-patterns.ts'
import { ALICE, BOB, given, GROUP, linkedStore, ORG, textFrom } from '../../support/store.ts'
import { inPlace } from '../../support/job-runner.ts'

const idsIn = async (store: Store): Promise<string[]> =>
  (await listMessages(store.connection, ORG, { after: 0, limit: 100 })).map(({ id }) => id)

describe('a text that takes too long to be searched', () => {
  it('is kept and says so, and no binding behind that one is asked', async () => {
    await using here = await slowScene({ text_regex: SLOW }, {})
    await here.receive(textFrom(ALICE, LONG), textFrom(ALICE, 'hi'), textFrom(BOB, LONG, { chat: GROUP }))
    expect(await here.outcomes()).toEqual([TOO_SLOW, 'hi → matched', TOO_SLOW])
    expect(await queuedTexts(here.store)).toEqual(['hi'])
    expect(
      here.lines.filter(({ event }) => event === 'message unmatched').map(({ fields }) => fields['reason']),
    ).toEqual(['rule_too_slow', 'rule_too_slow'])
    expect(here.committed.flatMap(({ arrived }) => arrived.map(({ outcome }) => outcome))).toEqual([
      'unmatched: rule_too_slow',
      'matched',
      'unmatched: rule_too_slow',
    ])
  })

  it('is answered by a binding before it, and passed over by one of somebody else', async () => {
    await using here = await slowScene({ text_regex: 'b+' }, { text_regex: SLOW, from: given(BOB.phone) }, {})
    await here.receive(textFrom(ALICE, LONG), textFrom(ALICE, 'a'.repeat(5_000)), textFrom(BOB, 'a'.repeat(5_000)))
    expect(await endsOf(here)).toEqual(['matched', 'matched', 'unmatched: rule_too_slow'])
  })

  it('may be asked about again by a person, is so by itself never, and is explained as it is judged', async () => {
    await using here = await slowScene({ text_regex: SLOW }, { text_regex: 'b' }, {})
    await here.receive(textFrom(ALICE, LONG))
    const [id = ''] = await idsIn(here.store)
    const explanations = explanationsOn(here.store, here.jobs)
    const told = { outcome: 'unmatched', reason: 'rule_too_slow', binding_id: null }
    const verdicts = { bindings: [{ verdict: 'too_slow' }, { verdict: 'holds' }, { verdict: 'holds' }] }
    expect(await explanations.of(ORG, { message_id: id })).toMatchObject({ ...told, ...verdicts })
    expect(await explanations.trace(ORG, id)).toMatchObject({ ...told, ...verdicts })
    const message = { from: given(BOB.phone), text: LONG, mentioned: false, account: DEFAULT_ACCOUNT }
    const madeUp = await explanations.of(ORG, { message })
    expect(madeUp).toMatchObject({ ...told, ...verdicts })
    expect(madeUp.bindings[0]?.clauses).toEqual([{ key: 'text_regex', wanted: SLOW, found: null, held: 'too_slow' }])
    expect(madeUp.bindings[1]?.clauses).toEqual([{ key: 'text_regex', wanted: 'b', found: 'b', held: 'yes' }])
    expect((await here.inbox.replay(ORG, id)).outcome).toBe('unmatched: rule_too_slow')
    const binding = given(await findBinding(here.store.connection, ORG, given(here.ids[0])))
    await here.store.transaction(trx => replaceBinding(trx, { ...binding, rule: { text_regex: HEAVY } }))
    expect(await here.outcomes()).toEqual([TOO_SLOW])
    expect((await here.inbox.replay(ORG, id)).outcome).toBe('matched')
    // Its trace is that of the last time.
    expect(await explanations.trace(ORG, id)).toMatchObject({ outcome: 'matched', binding_id: here.ids[1] })
  })

  it('takes a message from its turn when it is what somebody makes of it', async () => {
    await using here = await slowScene({ text_regex: SLOW }, {})
    const first = textFrom(ALICE, 'hi')
    await here.receive(first)
    await here.receive(textFrom(ALICE, LONG, { edits: first.stanzaId }))
    expect(await endsOf(here)).toEqual(['unmatched: rule_too_slow', 'ignored: edit'])
    expect(await queuedTexts(here.store)).toEqual([])
  })

  it('is so also when it is said of the pictures of an album together', async () => {
    await using here = await slowScene({ text_regex: SLOW }, {})
    const parts = [LONG.slice(0, 8), LONG].map((caption, index) => picture(caption, index * 100, { album: 'ALBUM' }))
    await here.receive(albumOf('ALBUM', 2, { ms: 0 }), ...parts)
    expect((await endsOf(here)).slice(1)).toEqual(['matched', 'unmatched: rule_too_slow'])
  })
})

describe('a binding whose searches are ended', () => {
  it('is suspended by three senders within an hour, which is said, and matches nothing but what it may take', async () => {
    await using here = await slowScene({ text_regex: SLOW, chat_type: 'direct' }, {})
    await here.receive(textFrom(ALICE, LONG), textFrom(BOB, LONG))
    const bindings = bindingsOn(here.store, inPlace)
    expect((await bindings.list(ORG))[0]).not.toHaveProperty('suspended_at')
    await here.receive(textFrom(CAROL, LONG))
    expect((await bindings.list(ORG))[0]).toMatchObject({
      id: here.ids[0],
      suspended_at: expect.stringMatching(/Z$/) as string,
    })
    expect((await bindings.list(ORG))[1]).not.toHaveProperty('suspended_at')
    const asked = here.searched.length
    await here.receive(
      textFrom(ALICE, 'hi'),
      textFrom(ALICE, 'hi', { chat: GROUP }),
      textFrom(BOB, LONG, { chat: GROUP }),
    )
    expect((await endsOf(here)).slice(3)).toEqual(['unmatched: rule_too_slow', 'matched', 'matched'])
    expect(here.searched).toHaveLength(asked)
    expect(here.lines.filter(({ event }) => event === 'binding suspended')).toMatchObject([
      { level: 'error', fields: { binding: here.ids[0] } },
    ])
    const message = { from: given(BOB.phone), text: 'hi', mentioned: false, account: DEFAULT_ACCOUNT }
    expect(await explanationsOn(here.store, inPlace).of(ORG, { message })).toMatchObject({
      reason: 'rule_too_slow',
      bindings: [{ verdict: 'too_slow' }, { verdict: 'holds' }],
    })
    const [first] = await idsIn(here.store)
    expect(await explanationsOn(here.store, inPlace).trace(ORG, given(first))).toMatchObject({
      reason: 'rule_too_slow',
    })
    const whileSuspended = given((await idsIn(here.store))[3])
    expect(await explanationsOn(here.store, inPlace).trace(ORG, whileSuspended)).toMatchObject({
      reason: 'rule_too_slow',
      bindings: [{ verdict: 'too_slow' }, { verdict: 'holds' }],
    })
  })

  it('is searched again once it is saved again, whatever of it, and not when it gets another place', async () => {
    await using here = await slowScene({ text_regex: SLOW }, {})
    for (const sender of [ALICE, BOB, CAROL]) await here.receive(textFrom(sender, LONG))
    const bindings = bindingsOn(here.store, inPlace)
    const [first, second] = here.ids.map(given)
    await bindings.reorder(ORG, [given(second), given(first)])
    await bindings.reorder(ORG, [given(first), given(second)])
    await here.receive(textFrom(ALICE, 'hi'))
    expect((await endsOf(here)).at(-1)).toBe('unmatched: rule_too_slow')
    expect(await bindings.update(ORG, given(first), { agent: 'echo' })).not.toHaveProperty('suspended_at')
    await here.receive(textFrom(ALICE, 'hi'))
    expect((await endsOf(here)).at(-1)).toBe('matched')
    // It begins from the start: two are not three.
    for (const sender of [BOB, CAROL]) await here.receive(textFrom(sender, LONG))
    expect((await bindings.list(ORG))[0]).not.toHaveProperty('suspended_at')
  })

  it('stays so over a restart', async () => {
    const opened = await linkedStore()
    const here = await slowSceneOn(opened, [{ text_regex: SLOW }, {}])
    for (const sender of [ALICE, BOB, CAROL]) await here.receive(textFrom(sender, LONG))
    await using again = await opened.reopened()
    const then = await slowSceneOn(again)
    await then.receive(textFrom(ALICE, 'hi'))
    expect((await endsOf(then)).at(-1)).toBe('unmatched: rule_too_slow')
  })

  it('is never suspended by one sender, whose long texts are searched no more after three', async () => {
    await using here = await slowScene({ text_regex: SLOW }, { text_regex: HEAVY }, {})
    for (let times = 0; times < 10; times += 1) await here.receive(textFrom(ALICE, hostile(2_000, times)))
    expect((await listBindings(here.store.connection, ORG))[0]).toMatchObject({ suspendedAt: null })
    expect(await endsOf(here)).toEqual(Array(10).fill('unmatched: rule_too_slow'))
    // Together, and then one by one.
    expect(here.searched.filter(patterns => patterns.length > 1)).toHaveLength(3)
    await here.receive(textFrom(ALICE, 'hi'), textFrom(BOB, LONG))
    expect((await endsOf(here)).slice(-2)).toEqual(['matched', 'unmatched: rule_too_slow'])
    expect(here.searched.filter(patterns => patterns.length > 1)).toHaveLength(4)
  })

  it('is not suspended for what its worker broke down over', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, {})
    here.gate.answers = () => ({ outcome: 'ended', why: 'broken' })
    for (const sender of [ALICE, BOB, CAROL]) await here.receive(textFrom(sender, LONG))
    expect(await endsOf(here)).toEqual(Array(3).fill('unmatched: rule_too_slow'))
    expect((await listBindings(here.store.connection, ORG))[0]).toMatchObject({ suspendedAt: null })
  })

  it('is the one that took too long, when all of them together do', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, { text_regex: SLOW }, {})
    for (const sender of [ALICE, BOB, CAROL]) await here.receive(textFrom(sender, LONG))
    const suspended = (await listBindings(here.store.connection, ORG)).map(({ suspendedAt }) => suspendedAt !== null)
    expect(suspended).toEqual([false, true, false])
  })
})
