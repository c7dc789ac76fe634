import { describe, expect, it } from 'vitest'

import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { DisappearingMessages } from '../../../plugin/retention/disappearing-messages.ts'
import { settleFile, wantAgain } from '../../../plugin/store/messages/attachments.ts'
import { findSend } from '../../../plugin/store/sends/sends.ts'
import { APPROVER, approvalDesk, boundTo, lastQuestion, reactionOf } from '../../support/approval-desk.ts'
import {
  after,
  asks,
  disappearingScene as scene,
  MINUTE_S,
  NOON,
  turnsIn,
  isOverwritten,
} from '../../support/disappearing-stages.ts'
import { ACCOUNT, ALICE, ORG, given, linkedStore, textFrom } from '../../support/store.ts'

describe('what we say where there is a timer', () => {
  it('has the timer that the gateway gave it, from when it went out', async () => {
    await using here = await scene()
    here.gateway.timer = MINUTE_S
    await here.receive(asks('hello', null))
    await here.line('turn ended')
    await here.outboxLine('send settled')
    expect(await isOverwritten(here.store)).toBe(true)
    const sent = await here.store.connection
      .selectFrom('sends')
      .innerJoin('messages', 'messages.id', 'sends.message_id')
      .select(['forget_at', 'transmitted_at', 'sends.id'])
      .executeTakeFirstOrThrow()
    expect(given(sent.forget_at) - given(sent.transmitted_at)).toBe(60_000)
    expect(here.gateway.transmissions).toMatchObject([{ forgetAt: sent.forget_at }])
    await here.at((given(sent.forget_at) - NOON) / 1_000)
    expect(await here.said()).toEqual(['hello', 'forgotten'])
    expect(await findSend(here.store.connection, ORG, sent.id)).toMatchObject({
      content: { kind: 'forgotten' },
      bytes: null,
    })
  })

  it('loses what it quotes when that disappears, here and in the gateway, and keeps its own words', async () => {
    await using here = await scene({
      run: async function* ({ message }) {
        yield { text: 'noted', reply_to: message.id }
      },
    })
    await here.receive(asks('my number is 4711'))
    await here.outboxLine('send settled')
    expect(here.gateway.transmissions).toMatchObject([{ forgetAt: after(60) }])
    await here.at(60)
    expect(await here.messages()).toMatchObject([
      { content: { kind: 'forgotten' } },
      { content: { kind: 'text', text: 'noted', quote: { text: '' } } },
    ])
    const rows = await here.store.connection.selectFrom('sends').select(['content', 'bytes']).execute()
    expect(JSON.stringify(rows)).not.toContain('4711')
    expect(rows).toMatchObject([{ bytes: null }])
  })

  it('and WhatsApp has not acknowledged goes out again without what it quoted, and not at all once it has disappeared itself', async () => {
    await using here = await scene({
      run: async function* ({ message }) {
        yield { text: 'noted', reply_to: message.id }
      },
    })
    here.gateway.timer = 600
    here.gateway.answer = () => ({ outcome: 'unknown' })
    await here.receive(asks('my number is 4711'))
    await here.outboxLine('send waits')
    await here.at(60)
    await here.outboxLine('send waits', 2)
    const [, again] = here.gateway.transmissions
    expect(Buffer.from(given(again).bytes).toString()).toMatch(/noted/)
    expect(Buffer.from(given(again).bytes).toString()).not.toMatch(/4711/)
    await here.at(10_000)
    const send = await here.store.connection.selectFrom('sends').select(['id']).executeTakeFirstOrThrow()
    expect(await findSend(here.store.connection, ORG, send.id)).toMatchObject({
      status: 'rejected',
      rejectedReason: 'disappeared',
      content: { kind: 'forgotten' },
    })
  })

  it('and has not gone out before its chat forgets it is taken back', async () => {
    await using here = await scene()
    here.outbox.disconnected(ACCOUNT)
    await here.receive(asks('hello'))
    await here.line('turn ended')
    await here.at(10_000)
    const send = await here.store.connection.selectFrom('sends').select(['id']).executeTakeFirstOrThrow()
    expect(await findSend(here.store.connection, ORG, send.id)).toMatchObject({
      status: 'cancelled',
      rejectedReason: 'disappeared',
      content: { kind: 'forgotten' },
    })
    expect(here.gateway.transmissions).toEqual([])
  })
})

describe('an approval about a message that disappears', () => {
  it('lapses, decides nothing later, and asks nobody for what it was about', async () => {
    await using opened = await boundTo(await linkedStore())
    await using desk = await approvalDesk(opened.store, [])
    await desk.receive(textFrom(ALICE, 'restart secret-name', { sentAt: NOON, expiresInSeconds: MINUTE_S }))
    await desk.line('turn waits')
    const question = await lastQuestion(opened.store, APPROVER.phone)
    expect(question.text).toContain('secret-name')
    const forgetting = new DisappearingMessages({
      store: opened.store,
      gateway: desk.gateway,
      artifacts: {},
      log: desk.log,
      keeps: () => false,
      now: () => after(60),
    })
    forgetting.listen({ cancelled: ids => desk.turns.cancelled(ids), silenced: () => undefined })
    await forgetting.wake()
    await forgetting.close()
    const [approval] = await desk.approvals.list(ORG, { status: null, limit: 10, before: null })
    expect(approval).toMatchObject({ status: 'expired', arguments: {}, note: null })
    const decision = { approved: true, note: null, by: 'usr_x' }
    await expect(desk.approvals.decide(ORG, given(approval).id, decision)).rejects.toThrow(
      new ChannelError('approval_decided'),
    )
    await desk.receive(reactionOf(APPROVER, '👍', question.stanzaId))
    expect(await turnsIn(opened.store)).toContainEqual(
      expect.objectContaining({ status: 'cancelled', code: 'forgotten' }),
    )
    const rows = await opened.store.connection.selectFrom('messages').selectAll().execute()
    const sends = await opened.store.connection.selectFrom('sends').selectAll().execute()
    const kept = JSON.stringify([rows, sends.map(({ bytes, ...row }) => [row, Buffer.from(bytes ?? []).toString()])])
    expect(kept).not.toContain('secret-name')
  })
})

describe('the file of a message that disappears', () => {
  const picture = (fileName: string, more: Partial<InboundMessage> = {}) =>
    asks('', MINUTE_S, {
      content: {
        kind: 'media',
        media: { kind: 'document', mime: null, sizeBytes: null, fileName, seconds: null, viewOnce: false, album: null },
        caption: '',
      },
      file: 'f'.repeat(32),
      ...more,
    })
  const artifact = { id: 'art_1', mime: 'text/plain', sizeBytes: 3, sha256: 'aa', fileName: 'a.txt' }

  it('is forgotten by the host too, is fetched no more, and what is fetched too late is not kept', async () => {
    await using here = await scene()
    await here.receive(picture('a.txt'), picture('b.txt'))
    const [first, second] = (await here.messages()).map(({ id }) => id)
    await here.store.transaction(trx => settleFile(trx, given(first), { artifact }))
    await here.at(60)
    expect(here.forgottenSources.toSorted()).toEqual([`whatsapp:${first}`, `whatsapp:${second}`].toSorted())
    for (const { attachment } of await here.messages()) {
      expect(attachment).toEqual({ kind: 'document', artifact: null, failure: 'forgotten' })
    }
    const late = await here.store.transaction(async trx => [
      await settleFile(trx, given(second), { artifact }),
      await wantAgain(trx, given(second), NOON),
    ])
    expect(late).toEqual([false, false])
    expect(JSON.stringify(await here.store.connection.selectFrom('attachments').selectAll().execute())).not.toMatch(
      /\.txt/,
    )
  })

  it('that the host cannot forget now is nobody’s to see, and is forgotten as soon as the host can', async () => {
    let isDown = true
    await using here = await scene({ forget: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve()) })
    await here.receive(picture('a.txt'))
    const [message] = await here.messages()
    await here.store.transaction(trx => settleFile(trx, given(message).id, { artifact }))
    await here.at(60)
    await here.forgettingLine('file not forgotten')
    expect((await here.messages())[0]?.attachment).toMatchObject({ artifact: null, failure: 'forgotten' })
    isDown = false
    await here.at(61)
    expect(here.forgottenSources).toEqual([`whatsapp:${message?.id}`])
    await here.at(62)
    expect(here.forgottenSources).toHaveLength(1)
  })

  it('is forgotten by the host, however many others it cannot forget', async () => {
    const stuck = new Set<string>()
    const forget = (_: string, source: string) =>
      stuck.has(source) ? Promise.reject(new Error('down')) : Promise.resolve()
    await using here = await scene({ forget })
    const names = Array.from({ length: 61 }, (_, n) => `${n}.txt`)
    await here.receive(...names.map(name => picture(name)))
    const ids = (await here.messages()).map(({ id }) => id)
    for (const id of ids.slice(0, -1)) stuck.add(`whatsapp:${id}`)
    await here.at(60)
    expect(here.forgottenSources).toEqual([`whatsapp:${ids.at(-1)}`])
  })
})
