import { describe, expect, it } from 'vitest'

import type { TransmitOutcome } from '../../../plugin/contract/delivery.ts'
import { ChannelError, asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { addressOfPerson } from '../../../plugin/contract/ids.ts'
import { stanzaIdOf } from '../../../plugin/outbox/enqueue.ts'
import { Ingest } from '../../../plugin/inbox/ingest.ts'
import { releaseNumber, removeAccount } from '../../../plugin/store/accounts/accounts.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { noteReceipt } from '../../../plugin/store/sends/sends.ts'
import { noRules } from '../../support/rules.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  GROUP,
  ORG,
  OUR_NUMBER,
  byPhone,
  given,
  linkedStore,
  person,
  textFrom,
} from '../../support/store.ts'
import { outboxOf } from '../../support/unpaced-outbox.ts'

const alice = addressOfPerson(ALICE)
const bob = addressOfPerson(BOB)
const group = GROUP.kind === 'group' ? GROUP.group : ''

/** A transmission that ends when the test says how. */
function heldBack(gateway: StandInGateway) {
  const ends: ((outcome: TransmitOutcome) => void)[] = []
  gateway.answer = () => new Promise(resolve => ends.push(resolve))
  return ends
}

const code = async (promise: Promise<unknown>): Promise<string> =>
  asChannelError(await promise.catch((e: unknown) => e)).code

describe('the outbox', () => {
  it('accepts what is durable, and sends it once the account is connected', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const accepted = await out.say(alice, 'hello')
    expect(accepted).toMatchObject({ status: 'accepted', rejectedCode: null, chat: { peer: byPhone(ALICE) } })
    expect(out.gateway.transmissions).toEqual([])
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.line('send settled')
    expect(out.gateway.texts).toEqual(['hello'])
    expect(await out.deliveries.find(ORG, accepted.id)).toMatchObject({ status: 'sent' })
    const messages = await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })
    expect(messages).toMatchObject([{ id: accepted.messageId, direction: 'outbound', outcome: 'sent', seq: 1 }])
    expect(out.heads).toEqual([1])
  })

  it('gives a send the id that its row decides', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const { stanzaId, id } = await out.say(alice, 'hello')
    expect(stanzaId).toMatch(/^3EB0[0-9A-F]{18}$/)
    expect(stanzaIdOf({ ...ACCOUNT, id })).toBe(stanzaId)
    expect(stanzaIdOf({ ...ACCOUNT, id: 'snd_1' })).toBe('3EB0473722CE7E92DB740D')
    expect(stanzaIdOf({ ...ACCOUNT, id: 'snd_2' })).not.toBe(stanzaIdOf({ ...ACCOUNT, id: 'snd_1' }))
  })

  it('writes again what was never acknowledged, under the same id and with the same bytes', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    out.gateway.answer = () => ({ outcome: 'unknown' })
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.say(alice, 'perhaps')
    await out.line('send waits')
    out.gateway.answer = () => ({ outcome: 'sent' })
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.line('send settled')
    const [first, second] = out.gateway.transmissions
    expect(second).toEqual(first)
    expect(out.gateway.rendered).toBe(1)
  })

  it('goes on after a restart with what is not settled, with the bytes that were rendered before', async () => {
    await using opened = await linkedStore()
    const gateway = new StandInGateway()
    const before = outboxOf(opened.store, { gateway })
    gateway.answer = () => ({ outcome: 'unknown' })
    await before.outbox.connected(ACCOUNT, OUR_NUMBER)
    const { id } = await before.say(alice, 'through a crash')
    await before.line('send waits')
    await before.stop()
    await using again = await opened.reopened()
    await using after = outboxOf(again.store, { gateway })
    gateway.answer = () => ({ outcome: 'sent' })
    await after.outbox.connected(ACCOUNT, OUR_NUMBER)
    await after.line('send settled')
    expect(gateway.transmissions[1]).toEqual(gateway.transmissions[0])
    expect(gateway.rendered).toBe(1)
    expect(await after.deliveries.find(ORG, id)).toMatchObject({ status: 'sent' })
  })

  it('tries what WhatsApp refused no second time', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    out.gateway.answer = () => ({ outcome: 'rejected', code: 463 })
    const { id } = await out.say(alice, 'refused')
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.line('send settled')
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.say(bob, 'later')
    await out.line('send settled', 2)
    expect(out.gateway.texts).toEqual(['refused', 'later'])
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'rejected', rejectedCode: 463 })
    const [message] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 1 })
    expect(message?.outcome).toBe('rejected: 463')
  })

  it('keeps the order within a chat, one at a time, and lets no chat wait for another', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const ends = heldBack(out.gateway)
    for (const text of ['one', 'two', 'three']) await out.say(alice, text)
    await out.say(bob, 'aside')
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await expect.poll(() => out.gateway.texts).toEqual(['one', 'aside'])
    ends[0]?.({ outcome: 'unknown' })
    await out.line('send waits')
    ends[1]?.({ outcome: 'sent' })
    await out.line('send settled')
    out.gateway.answer = () => ({ outcome: 'sent' })
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.line('send settled', 4)
    expect(out.gateway.texts).toEqual(['one', 'aside', 'one', 'two', 'three'])
  })

  it('waits for a gateway that cannot be reached, and gives up only what can never be said', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    out.gateway.down = new ChannelError('gateway_unreachable')
    const waiting = await out.say(alice, 'wait')
    await out.line('send waits')
    expect(await out.deliveries.find(ORG, waiting.id)).toMatchObject({ status: 'accepted' })
    out.gateway.down = new ChannelError('bad_request')
    const hopeless = await out.say(bob, 'hopeless')
    await out.line('send given up')
    expect(await out.deliveries.find(ORG, hopeless.id)).toMatchObject({
      status: 'rejected',
      rejectedCode: null,
      rejectedReason: 'bad_request',
    })
  })

  it('says nothing as another number that was accepted as the one before', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const { id } = await out.say(alice, 'from the old number')
    await out.outbox.connected(ACCOUNT, given(person(null, '972500000099').phone))
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'rejected', rejectedReason: 'link_changed' })
    expect(out.gateway.transmissions).toEqual([])
  })

  it('moves with receipts, in whichever order they come, and never back', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const ends = heldBack(out.gateway)
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    const { id, stanzaId } = await out.say(alice, 'hello')
    await expect.poll(() => ends.length).toBe(1)
    const note = (receipt: 'delivered' | 'read') =>
      opened.store.transaction(trx => noteReceipt(trx, ACCOUNT, { stanzaId, receipt }))
    await note('delivered')
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'delivered' })
    ends[0]?.({ outcome: 'sent' })
    await out.line('send settled')
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'delivered' })
    await note('read')
    await note('delivered')
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'read' })
    const [message] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 1 })
    expect(message?.outcome).toBe('read')
  })
})

describe('a send', () => {
  it('is made once for a thousand requests with one key at the same time', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => out.say(alice, 'once', 'key-1')))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    await out.line('send settled')
    expect(out.gateway.texts).toEqual(['once'])
  })

  it('is refused when its key was used for something else, and only in the same org', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const first = await out.say(alice, 'hello', 'key-1')
    expect(await code(out.say(alice, 'goodbye', 'key-1'))).toBe('idempotency_key_reused')
    expect(await code(out.say(bob, 'hello', 'key-1'))).toBe('idempotency_key_reused')
    expect((await out.say(alice, 'hello', 'key-1')).id).toBe(first.id)
    expect((await out.say(alice, 'hello', 'key-2')).id).not.toBe(first.id)
  })

  it('leaves no trace when it is refused', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    await releaseNumber(opened.store.connection, ACCOUNT)
    expect(await code(out.say(alice, 'hello', 'key-1'))).toBe('not_paired')
    await removeAccount(opened.store.connection, ACCOUNT)
    expect(await code(out.say(alice, 'hello', 'key-1'))).toBe('channel_not_configured')
    expect(await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })).toEqual([])
  })

  it('reaches a person under all their addresses, and a group', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    await opened.store.transaction(async trx => {
      await new Ingest(trx, ACCOUNT, noRules).identity(ALICE)
    })
    expect((await out.say(`lid:${given(ALICE.lid)}`, 'by lid')).chat).toEqual({ kind: 'direct', peer: ALICE })
    expect((await out.say(alice, 'by phone')).chat).toEqual({ kind: 'direct', peer: ALICE })
    expect((await out.say(group, 'all')).chat).toEqual(GROUP)
  })

  it('reacts to a message of the same chat, and to no other', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const message = textFrom(ALICE, 'nice?')
    await opened.store.transaction(async trx => {
      await new Ingest(trx, ACCOUNT, noRules).message(message)
    })
    const [stored] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 1 })
    const reaction = { message_id: given(stored).id, emoji: '👍' }
    const { content } = await out.sending.send(ACCOUNT, { to: alice, reaction }, null)
    expect(content).toEqual({
      kind: 'reaction',
      emoji: '👍',
      target: { stanzaId: message.stanzaId, fromMe: false, sender: alice },
    })
    expect(await code(out.sending.send(ACCOUNT, { to: bob, reaction }, null))).toBe('not_found')
    const unknown = { ...reaction, message_id: 'msg_unknown' }
    expect(await code(out.sending.send(ACCOUNT, { to: alice, reaction: unknown }, null))).toBe('not_found')
  })

  it('is unknown under any id of another org', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const { id } = await out.say(alice, 'mine')
    expect(await code(out.deliveries.find('org_other' as typeof ORG, id))).toBe('not_found')
  })
})
