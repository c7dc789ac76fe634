import { describe, expect, it } from 'vitest'

import type { ListedSend, SendPage } from '../../../plugin/contract/delivery.ts'
import type { NumberedChange } from '../../../plugin/contract/api/sends.ts'
import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { type AccountName, type OrgId, parseGroupId } from '../../../plugin/contract/ids.ts'
import { noteSubject } from '../../../plugin/store/messages/group-subjects.ts'
import { noteReceipt } from '../../../plugin/store/sends/sends.ts'
import { inboxOf } from '../../support/inbox.ts'
import { pacedOutbox, stranger } from '../../support/paced-outbox.ts'
import { ACCOUNT, ALICE, BOB, given, ORG, linkedStore, textFrom } from '../../support/store.ts'

const group = given(parseGroupId('120363000000000001@g.us'))
const OTHER = 'org_other' as OrgId

const code = async (promise: Promise<unknown>): Promise<string> =>
  asChannelError(await promise.catch((e: unknown) => e)).code

/** An outbox that does not pace. */
function outboxOf(...parts: Parameters<typeof pacedOutbox>) {
  const out = pacedOutbox(...parts)
  out.inForce.limits = null
  return out
}

/** The first `count` steps after a number. */
async function steps(watched: AsyncIterable<NumberedChange>, count: number): Promise<NumberedChange[]> {
  const seen: NumberedChange[] = []
  if (count === 0) return seen
  for await (const step of watched) if (seen.push(step) === count) break
  return seen
}

describe('a send', () => {
  it('waits for its account to be connected, whatever else it would wait for then', async () => {
    await using opened = await linkedStore()
    await using out = pacedOutbox(opened.store, undefined, { asks: true })
    out.inForce.up = false
    const waiting = [await out.reply(ALICE, 'an answer'), await out.say(stranger(1), 'hello, stranger')]
    const waits = async () =>
      (await Promise.all(waiting.map(({ id }) => out.deliveries.find(ORG, id)))).map(each => each.waitsFor)
    expect(await waits()).toEqual(['link', 'link'])
    out.inForce.up = true
    expect(await waits()).toEqual([null, 'lookup'])
    await out.outbox.cancel(ORG, given(waiting[0]).id)
    out.inForce.up = false
    expect(await waits()).toEqual([null, 'link'])
  })

  it('is taken back before it is transmitted, and again without harm', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const [first, second] = [await out.say(ALICE, 'oops'), await out.say(ALICE, 'what I meant')]
    await out.outbox.cancel(ORG, first.id)
    await out.outbox.cancel(ORG, first.id)
    expect(await out.deliveries.find(ORG, first.id)).toMatchObject({ status: 'cancelled', position: null })
    await out.connect()
    await out.line('send settled')
    expect(out.gateway.texts).toEqual(['what I meant'])
    expect(await out.deliveries.find(ORG, second.id)).toMatchObject({ status: 'sent' })
  })

  it('is not taken back once it was transmitted, also while its end is uncertain', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    out.gateway.answer = () => ({ outcome: 'unknown' })
    await out.connect()
    const { id } = await out.say(ALICE, 'perhaps')
    await out.line('send waits')
    expect(await code(out.outbox.cancel(ORG, id))).toBe('already_sent')
    out.gateway.answer = () => ({ outcome: 'sent' })
    await out.connect()
    await out.line('send settled')
    expect(await code(out.outbox.cancel(ORG, id))).toBe('already_sent')
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'sent' })
  })

  it('is not transmitted when it is taken back while it is rendered', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const { id } = await out.say(ALICE, 'oops')
    const call = out.gateway.call.bind(out.gateway)
    out.gateway.call = async (name, input) => {
      if (name === 'message.render') await out.outbox.cancel(ORG, id)
      return call(name, input)
    }
    await out.connect()
    await out.line('send cancelled')
    await out.say(ALICE, 'afterwards')
    await out.line('send settled')
    expect(out.gateway.texts).toEqual(['afterwards'])
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'cancelled' })
  })

  it('of another org is unknown to whoever asks for it, and cannot be taken back', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const { id } = await out.say(ALICE, 'mine')
    expect(await code(out.deliveries.find(OTHER, id))).toBe('not_found')
    expect(await code(out.outbox.cancel(OTHER, id))).toBe('not_found')
    expect(await code(out.outbox.cancel(ORG, 'snd_unknown'))).toBe('not_found')
  })
})

/** The pages of a list, each beginning behind the one before it. */
async function pages({ deliveries }: ReturnType<typeof outboxOf>, limit: number, filter: Partial<SendPage> = {}) {
  const found: ListedSend[][] = []
  for (let before: string | null = null; ;) {
    const page = await deliveries.list(ORG, { account: null, status: null, limit, before, ...filter })
    if (page.length === 0) return found
    found.push(page)
    before = page.at(-1)?.id ?? null
  }
}

describe('the sends of an org', () => {
  it('are listed newest first, page after page, each as it is answered alone', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const gone = await out.say(ALICE, 'gone')
    await out.connect()
    await out.line('send settled')
    out.outbox.disconnected(ACCOUNT)
    const [first, reply] = [await out.say(ALICE, 'first'), await out.reply(ALICE, 'an answer')]
    const [second, third] = [await out.say(BOB, 'second'), await out.say(ALICE, 'third')]
    const all = (await pages(out, 2)).flat()
    expect(all.map(({ id }) => id)).toEqual([third, second, reply, first, gone].map(({ id }) => id))
    expect(all.map(({ position }) => position)).toEqual([2, 1, 0, 0, null])
    for (const listed of all) expect(listed).toMatchObject(await out.deliveries.find(ORG, listed.id))
    expect((await pages(out, 3)).map(page => page.length)).toEqual([3, 2])
  })

  it('are listed by status and account, and only those of this org behind one of its own', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const [one, two] = [await out.say(ALICE, 'one'), await out.say(BOB, 'two')]
    await out.outbox.cancel(ORG, one.id)
    const listed = async (filter: Partial<SendPage>) => (await pages(out, 10, filter)).flat().map(({ id }) => id)
    expect(await listed({ status: 'cancelled' })).toEqual([one.id])
    expect(await listed({ status: 'accepted', account: ACCOUNT.account })).toEqual([two.id])
    expect(await listed({ account: 'other' as AccountName })).toEqual([])
    expect(await out.deliveries.list(OTHER, { account: null, status: null, limit: 10, before: null })).toEqual([])
    const elsewhere = out.deliveries.list(OTHER, { account: null, status: null, limit: 10, before: one.id })
    expect(await code(elsewhere)).toBe('not_found')
  })
})

describe('to whom a send goes', () => {
  it('is said by what they called themselves last, or the group was called when it was accepted', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const { inbox, gateway } = await inboxOf(opened.store)
    gateway.receive(
      { ...textFrom(ALICE, 'hi'), senderName: 'Dana' },
      { ...textFrom(ALICE, 'again'), senderName: 'Boss' },
    )
    gateway.receive(textFrom(ALICE, 'without a name'))
    await inbox.wake(ACCOUNT)
    const named = (subject: string, since: number) =>
      opened.store.transaction(transaction => noteSubject(transaction, { ...ACCOUNT, group }, { subject, since }))
    await named('Family', 0)
    const toGroup = await out.sending.send(ACCOUNT, { to: group, text: 'hello, all' }, null)
    await named('Holiday', Date.now() + 60_000)
    const sends = [await out.say(ALICE, 'hello'), await out.say(BOB, 'hello, you'), toGroup]
    const found = await Promise.all(sends.map(({ id }) => out.deliveries.find(ORG, id)))
    expect(found.map(({ toName }) => toName)).toEqual(['Boss', null, 'Family'])
    const listed = await out.deliveries.list(ORG, { account: null, status: null, limit: 10, before: null })
    expect(listed.map(({ toName }) => toName)).toEqual([null, 'Boss', 'Family'])
    await inbox.close()
  })
})

describe('the steps of sends', () => {
  it('are told each once, in order and without a gap, to those who watch', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const watching = new AbortController()
    const watched = steps(out.deliveries.watch(ORG, null, watching.signal), 6)
    const first = await out.say(ALICE, 'one')
    await out.connect()
    await out.line('send settled')
    for (const receipt of ['delivered', 'delivered', 'read'] as const) {
      await opened.store.transaction(trx => noteReceipt(trx, ACCOUNT, { stanzaId: first.stanzaId, receipt }))
    }
    out.gateway.answer = () => ({ outcome: 'rejected', code: 479 })
    const second = await out.say(BOB, 'two')
    const told = await watched
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
    expect(told.map(({ change }) => [change.id, change.status, change.rejectedCode])).toEqual([
      [first.id, 'accepted', null],
      [first.id, 'sent', null],
      [first.id, 'delivered', null],
      [first.id, 'read', null],
      [second.id, 'accepted', null],
      [second.id, 'rejected', 479],
    ])
    expect(await steps(out.deliveries.watch(OTHER, 0, AbortSignal.abort()), 1)).toEqual([])
  })

  it('go on behind the last one that was seen, also after a restart', async () => {
    await using opened = await linkedStore()
    const before = outboxOf(opened.store)
    const { id } = await before.say(ALICE, 'one')
    await before.outbox.cancel(ORG, id)
    const { signal } = new AbortController()
    const all = await steps(before.deliveries.watch(ORG, 0, signal), 2)
    await before[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    await using after = outboxOf(again.store)
    await after.say(BOB, 'two')
    const rest = await steps(after.deliveries.watch(ORG, 1, signal), 2)
    expect(rest[0]).toEqual(all[1])
    expect(rest[1]).toMatchObject({ seq: 3, change: { status: 'accepted' } })
  })

  it('end for those who watch when the channel ends', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    await out.say(ALICE, 'one')
    const watched = out.deliveries.watch(ORG, 0, new AbortController().signal)[Symbol.asyncIterator]()
    expect(await watched.next()).toMatchObject({ value: { seq: 1 } })
    out.deliveries.end()
    expect(await watched.next()).toMatchObject({ done: true })
  })
})
