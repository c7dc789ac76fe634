import { describe, expect, it } from 'vitest'

import { samePerson } from '../../plugin/contract/ids.ts'
import { Deliveries } from '../../plugin/deliveries.ts'
import { Outbox } from '../../plugin/outbox.ts'
import { Pace } from '../../plugin/pace.ts'
import type { Limits } from '../../plugin/pacing-limits.ts'
import { limitsOf } from '../../plugin/pacing-limits.ts'
import { Sending } from '../../plugin/sending.ts'
import type { Store } from '../../plugin/store/database.ts'
import { Turns } from '../../plugin/turn.ts'
import { WaitingTurns } from '../../plugin/waiting-turns.ts'
import { noFiles, rendersWith } from '../support/files.ts'
import { agentsThat, echo } from '../support/host.ts'
import { inboxOf } from '../support/inbox.ts'
import type { StandInGateway } from '../support/stand-in-gateway.ts'
import { keptAudit, unapproved, unjudged } from '../support/policies.ts'
import { ACCOUNT, ALICE, BOB, ORG, OUR_NUMBER, linkedStore, textFrom } from '../support/store.ts'
import { deaf, defaults, outcomes } from '../support/turns.ts'
import { everybodyKnown } from '../support/contacts.ts'

/** All stages on one store, in a network where Alice is a bot that answers whatever it is told. */
async function beforeABot(store: Store, limits: Partial<Limits>, ...rules: object[]) {
  const { inbox, gateway, log, line, committed } = await inboxOf(store, ...rules)
  const pace = new Pace(store, () => null, Math.random)
  const deliveries = new Deliveries(store, pace, everybodyKnown)
  const onChanged = (): void => deliveries.moved(ACCOUNT.org)
  const outbox = new Outbox({
    contacts: everybodyKnown,
    store,
    gateway,
    pace,
    render: rendersWith(gateway),
    log,
    onAccepted: () => undefined,
    onChanged,
  })
  const settings = () => ({ ...defaults, pacing: limitsOf(limits) })
  const sending = new Sending({ store, outbox, enclosures: noFiles, settings })
  const say = sending.reply.bind(sending)
  const turns = new Turns({
    roleOf: () => Promise.resolve('viewer'),
    listener: deaf,
    store,
    log,
    agents: agentsThat(echo),
    settings,
    audit: keptAudit().audit,
    judge: unjudged,
    seekApproval: unapproved,
    attend: () => () => undefined,
    say,
    random: () => 0,
  })
  gateway.answer = ({ chat }) => {
    if (chat.kind === 'direct' && samePerson(chat.peer, ALICE)) {
      gateway.receive(textFrom(ALICE, 'and you?'))
      void inbox.wake(ACCOUNT).then(() => turns.wake())
    }
    return { outcome: 'sent' }
  }
  await turns.open()
  await outbox.connected(ACCOUNT, OUR_NUMBER)
  const receive = async (...messages: Parameters<StandInGateway['receive']>): Promise<void> => {
    gateway.receive(...messages)
    await inbox.wake(ACCOUNT, gateway.journal.length)
    turns.wake()
  }
  const waiting = new WaitingTurns({ store, log, onQueued: () => turns.wake() })
  const retry = (turn: string) => waiting.retry(ORG, turn, 'repeat')
  const dispose = async (): Promise<void> => {
    await inbox.close()
    await turns.close()
    await outbox.stop()
    await outbox.settled()
  }
  return { gateway, line, receive, retry, committed, [Symbol.asyncDispose]: dispose }
}

describe('F41: two bots that answer each other', () => {
  it('come to rest after ten replies in a minute, which a restart does not give anew, and other chats go on', async () => {
    await using opened = await linkedStore()
    const first = await beforeABot(opened.store, {}, {})
    await first.receive(textFrom(ALICE, 'hello'))
    expect((await first.line('turn ended', 11)).fields).toMatchObject({ status: 'dead_letter', code: 'reply_cap' })
    expect(first.gateway.texts).toHaveLength(10)
    await first[Symbol.asyncDispose]()

    await using again = await opened.reopened()
    await using second = await beforeABot(again.store, {})
    await second.receive(textFrom(ALICE, 'still there?'), textFrom(BOB, 'and I?'))
    await second.line('turn ended', 2)
    await expect.poll(() => second.gateway.texts).toEqual(['and I?'])
    expect((await outcomes(again.store)).filter(line => line.includes('dead_letter'))).toHaveLength(2)
  })

  it('come to rest after as many replies as the settings allow', async () => {
    await using opened = await linkedStore()
    await using bots = await beforeABot(opened.store, { replies_per_chat_minute: 3 }, {})
    await bots.receive(textFrom(ALICE, 'hello'))
    expect((await bots.line('turn ended', 4)).fields).toMatchObject({ status: 'dead_letter', code: 'reply_cap' })
    expect(bots.gateway.texts).toHaveLength(3)
  })
})

describe('what somebody wrote over a while', () => {
  it('is answered in full when it comes at once, after we were away', async () => {
    await using opened = await linkedStore()
    await using bots = await beforeABot(opened.store, { replies_per_chat_minute: 3 }, {})
    const lines = Array.from({ length: 12 }, (_, minute) =>
      textFrom(BOB, `line ${minute}`, { sentAt: 1_700_000_000_000 + minute * 60_000 }),
    )
    await bots.receive(...lines)
    await bots.line('turn ended', lines.length)
    await expect.poll(() => bots.gateway.texts).toHaveLength(lines.length)
  })

  it('is answered when a person has asked for it again, a minute later', async () => {
    await using opened = await linkedStore()
    const first = await beforeABot(opened.store, { replies_per_chat_minute: 3 }, {})
    await first.receive(...Array.from({ length: 4 }, (_, line) => textFrom(BOB, `line ${line}`)))
    const { fields } = await first.line('turn ended', 4)
    expect(fields).toMatchObject({ status: 'dead_letter', code: 'reply_cap' })
    await first[Symbol.asyncDispose]()

    await opened.store.connection
      .updateTable('sends')
      .set({ accepted_at: Date.now() - 61_000 })
      .execute()
    await using again = await beforeABot(opened.store, { replies_per_chat_minute: 3 })
    await again.retry(String(fields['turn']))
    await expect.poll(() => again.gateway.texts).toEqual(['line 3'])
  })
})
