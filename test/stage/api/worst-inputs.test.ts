import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ProcedurePath } from '../../../plugin/api/trpc/procedures.ts'
import { MessageFeed } from '../../../plugin/history/message-feed.ts'
import { MESSAGE_TYPES } from '../../../plugin/gateway/kinds/message-types.ts'
import { alone } from '../../support/alone.ts'
import { createTestHost, ORG_B, serveApi, tokenOf, type ServedApi } from '../../support/api.ts'
import { fullOrg, numberOf } from '../../support/full-org.ts'
import { inboxOf } from '../../support/inbox.ts'
import { keptArrivals } from '../../support/kept-arrivals.ts'
import { tooLong } from '../../support/loop-block.ts'
import { openRawCaller, type RawAnswer } from '../../support/raw-caller.ts'
import { ACCOUNT, linkedStore, ORG } from '../../support/store.ts'
import { WORST_INPUTS, type WorstInput } from '../../support/worst-inputs.ts'
import { worstMessage } from '../../support/worst-messages.ts'
import { worded } from '../../support/worded.ts'

const AMOUNTS = { messages: 60, bindings: 2_000, approvals: 200 }
/** So many of the same in one frame. */
const AT_ONCE = 3
const FRAME_BYTES = 1_000_000
const TOKEN = tokenOf(ORG_B, 'owner')
const ROWS = Object.entries(WORST_INPUTS) as [ProcedurePath, WorstInput<unknown>][]

describe('T5: the worst input that is accepted', () => {
  let org: Awaited<ReturnType<typeof fullOrg>>
  let api: ServedApi
  let called = 0
  beforeAll(async () => {
    org = await fullOrg(ORG_B, AMOUNTS)
    const { authenticate } = createTestHost().host
    api = await serveApi({ operations: org.operations, host: { ...org.host, authenticate } })
  })
  afterAll(async () => {
    await api[Symbol.asyncDispose]()
    await org[Symbol.asyncDispose]()
  })

  /** As many of these calls in one frame as it has room for. */
  async function play(path: ProcedurePath, { input }: WorstInput<unknown>, most: number): Promise<RawAnswer[]> {
    const calls: { path: ProcedurePath; input: unknown }[] = []
    for (let bytes = 0; calls.length < most; called += 1) {
      const next = { path, input: input(org.full, called) }
      bytes += JSON.stringify(next).length
      if (bytes > FRAME_BYTES && calls.length > 0) break
      calls.push(next)
    }
    using caller = await openRawCaller(api.url, TOKEN)
    return await caller.ask(calls)
  }

  it('of those who watch is as many as an org may have, all told of the same', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => openRawCaller(api.url, TOKEN)))
    const watch = Array.from({ length: 50 }, () => ({ path: 'whatsapp.messages.watch', input: undefined }) as const)
    for (const socket of sockets) await socket.ask(watch)
    const held = api.api.heldBy(ORG_B).subscriptions
    const slow = await tooLong(async () => {
      const told = sockets.map(socket => socket.heard(50))
      await org.operations.sends.send(
        { org: ORG_B, account: org.account },
        { to: numberOf(0), text: 'x'.repeat(4_000) },
        null,
      )
      await Promise.all(told)
    })
    for (const socket of sockets) socket[Symbol.dispose]()
    expect([held, slow]).toEqual([500, null])
  })

  it.each(ROWS)('of %s keeps the loop from nobody else for long', async (path, row) => {
    called = 0
    const allowed = [null, ...(row.unless ?? [])]
    const answers: RawAnswer[] = []
    expect(await tooLong(async () => answers.push(...(await play(path, row, 1))))).toBeNull()
    expect(allowed).toContain(answers[0]?.refusal)
    expect(await tooLong(() => play(path, row, AT_ONCE))).toBeNull()
    if (!row.beyond) return
    using caller = await openRawCaller(api.url, TOKEN)
    expect(await caller.ask([{ path, input: row.beyond(org.full) }])).toMatchObject([{ refusal: 'bad_request' }])
  })
})

describe('T5: the longest reply of an agent', () => {
  const LETTERS = 200_000

  it.each([
    '*_~`[](@',
    '- a\n',
    '*a* _b_ ',
    '`',
    '> > a\n',
    '|a|b|\n|-|-|\n|c|d|\n',
    '**b** _i_ [x](https://e.org) `c`\n',
  ])('made of %j keeps the loop from nobody else for long', async unit => {
    const text = unit.repeat(LETTERS / unit.length)
    expect(await tooLong(() => worded(text))).toBeNull()
    expect(await tooLong(() => worded({ text: text.slice(0, 65_536) }))).toBeNull()
  })
})

describe('T5: the worst message of each type', () => {
  /** A part of what is read, so that all of them do not take long. */
  const SHARE = 0.2
  const BYTES = SHARE * 2 ** 20

  it('keeps neither the gateway nor the host from anybody else for long, nor does whoever lists it', async () => {
    await using opened = await linkedStore()
    const { arrive, messages } = keptArrivals()
    const { gateway, inbox } = await inboxOf(opened.store, {})
    const history = new MessageFeed(opened.store, alone)
    const list = () => history.list(ORG, { account: null, before: null, limit: 200 })
    const found: Record<string, (string | null)[]> = {}
    for (const type of Object.keys(MESSAGE_TYPES) as (keyof typeof MESSAGE_TYPES)[]) {
      const plaintext = Buffer.concat([worstMessage(type, BYTES), Buffer.from([1])])
      const before = messages.length
      const read = await tooLong(() => arrive(plaintext), SHARE)
      const [message] = messages.slice(before)
      const take = async (): Promise<void> => {
        if (message) gateway.receive({ ...message, stanzaId: `${type}${gateway.journal.length}` })
        await inbox.wake(ACCOUNT, gateway.journal.length)
      }
      const slow = [read, await tooLong(take, SHARE), await tooLong(list)]
      if (slow.some(each => each !== null)) found[type] = slow
    }
    expect(messages.length).toBeGreaterThan(50)
    expect(found).toEqual({})
  })

  it('is not even read when it is larger than any that a phone writes', async () => {
    const { arrive, messages } = keptArrivals()
    for (const type of ['contactsArrayMessage', 'conversation', 'pollCreationMessage'] as const) {
      const plaintext = Buffer.concat([worstMessage(type, 2 ** 23), Buffer.from([1])])
      expect(await tooLong(() => arrive(plaintext))).toBeNull()
      expect(messages.at(-1)?.content).toEqual({ kind: 'unsupported', type: 'unknown', caption: '' })
    }
  })
})
