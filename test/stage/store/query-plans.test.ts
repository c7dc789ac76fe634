import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import { DEFAULT_ACCOUNT } from '../../../plugin/contract/ids.ts'
import type { Connection } from '../../../plugin/store/sql/connection.ts'
import type { Store } from '../../../plugin/store/database.ts'
import * as accounts from '../../../plugin/store/accounts/accounts.ts'
import * as allowances from '../../../plugin/store/sends/send-history.ts'
import * as contacts from '../../../plugin/store/people/contacts.ts'
import { bindingsAt } from '../../../plugin/store/accounts/binding-revisions.ts'
import * as bindings from '../../../plugin/store/accounts/bindings.ts'
import * as cursors from '../../../plugin/store/accounts/journal-cursors.ts'
import * as evidence from '../../../plugin/store/sends/account-health.ts'
import * as keys from '../../../plugin/store/sends/idempotency-keys.ts'
import * as messages from '../../../plugin/store/messages/messages.ts'
import { nextDueAt } from '../../../plugin/store/turns/ready-turns.ts'
import { knownPerson, mentionedPerson } from '../../../plugin/store/people/people.ts'
import { findQuoted } from '../../../plugin/store/messages/quotes.ts'
import { readStretch } from '../../../plugin/store/messages/message-pages.ts'
import { findPlaceOfReplies, listReplies } from '../../../plugin/store/sends/replies.ts'
import * as changes from '../../../plugin/store/sends/send-changes.ts'
import { listSends } from '../../../plugin/store/sends/send-pages.ts'
import * as sends from '../../../plugin/store/sends/sends.ts'
import * as steps from '../../../plugin/store/turns/steps.ts'
import * as taken from '../../../plugin/store/messages/rate-counts.ts'
import * as turns from '../../../plugin/store/turns/turns.ts'
import * as undecryptable from '../../../plugin/store/messages/undecryptable.ts'
import * as conversationMessages from '../../../plugin/store/messages/conversation.ts'
import * as waitingSends from '../../../plugin/store/sends/send-queue.ts'
import * as waitingTurns from '../../../plugin/store/turns/turn-queries.ts'
import { approvalScene } from '../../support/approval-scene.ts'
import { loopScene } from '../../support/loop-scene.ts'
import { forgettingScene } from '../../support/forgetting-scene.ts'
import { fileScene } from '../../support/file-scene.ts'
import { namesScene } from '../../support/names-scene.ts'
import { metricsScene } from '../../support/metrics-scene.ts'
import { oldScene } from '../../support/old-scene.ts'
import { gatheringScene } from '../../support/gathering-scene.ts'
import { isAllowed } from '../../support/allowed-plans.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { compiled, costly } from '../../support/query-plans.ts'
import { ACCOUNT, ALICE, ORG, OUR_NUMBER, US, byLid, byPhone, given, linkedStore } from '../../support/store.ts'

type Scene = (store: Store) => Promise<void>

const [now, ANSWERS] = [Date.now(), { agent: 'echo', conversation: 'chat' } as const]

async function keptMessage(transaction: Connection, more: Partial<messages.NewMessage> = {}) {
  const senderId = more.senderId ?? (await knownPerson(transaction, ACCOUNT, ALICE)).id
  const { id: receiverId } = await knownPerson(transaction, ACCOUNT, US)
  const message: messages.NewMessage = {
    ...ACCOUNT,
    direction: 'inbound',
    chatKey: senderId,
    senderId,
    receiverId,
    stanzaId: 'STANZA',
    edits: null,
    fromMe: false,
    judged: null,
    senderName: null,
    content: { kind: 'text', text: 'hello' },
    mentioned: false,
    quoted: null,
    outcome: 'matched',
    bindingId: null,
    sentAt: now,
    receivedAt: now,
    ...more,
  }
  return { ...message, ...(await messages.addMessage(transaction, message)) }
}

async function keptSend(transaction: Connection, id: string) {
  const stanzaId = `STANZA_${id}`
  const { id: messageId, seq, chatKey, content } = await keptMessage(transaction, { stanzaId, direction: 'outbound' })
  if (content.kind !== 'text') throw new TypeError('it is a text')
  const pace = { class: 'proactive', notBefore: now, gapMs: 0, expiresAt: now, textHash: 'hash', held: null } as const
  const sent = { id, messageId, chatKey, seq, stanzaId, content, acceptedAt: now, askFirst: true }
  await sends.addSend(transaction, { ...ACCOUNT, ...sent, ...pace })
  return given(await sends.findSend(transaction, ORG, id))
}

async function keptTurn(transaction: Connection) {
  await turns.queueTurn(transaction, await keptMessage(transaction), ANSWERS)
  return given((await takeTurns(transaction, 10, Date.now()))[0])
}

const aMessage: Scene = store =>
  store.transaction(async trx => {
    await cursors.cursorOf(trx, ACCOUNT)
    await cursors.journalStateOf(trx, ACCOUNT)
    await cursors.moveCursor(trx, ACCOUNT, { through: 1, receivedAt: now })
    await bindings.bindingsVersion(trx, ORG)
    const message = await keptMessage(trx)
    await keptMessage(trx, { outcome: 'undecryptable', stanzaId: 'HIDDEN' })
    await mentionedPerson(trx, ACCOUNT, byPhone(ALICE))
    await messages.findByIdentity(trx, ACCOUNT, message)
    await findQuoted(trx, [{ ...message, quoted: claimed({ stanzaId: 'STANZA', sender: null, text: null }) }])
    const minute = { after: now - 60_000, until: now }
    await taken.countTakenOf(trx, message.senderId, minute)
    await taken.countTakenIn(trx, message, minute)
    await taken.countTakenBy(trx, ACCOUNT, minute)
    await taken.wroteUntil(trx, message.senderId, now)
    await messages.replaceContent(trx, message.id, message.content)
    await messages.setJudgement(trx, message.id, { bindingId: 'bnd_one', judged: null })
    const waiting = { outcome: 'unmatched: identity_unknown', after: 0, limit: 100 } as const
    await messages.listWaiting(trx, ACCOUNT, waiting)
    await messages.listWaiting(trx, ACCOUNT, { ...waiting, person: message.senderId })
    await namesScene(trx, message)
    await turns.wasBegun(trx, message.id)
    await turns.cancelTurn(trx, message.id, 'ignored: revoked')
    await undecryptable.upgradeMessage(trx, message, message)
    await undecryptable.expireUndecryptable(trx, ACCOUNT, now + 1)
  })

const twoPeopleWhoAreOne: Scene = store =>
  store.transaction(async trx => {
    for (const half of [byLid(ALICE), byPhone(ALICE)]) {
      const { id } = await knownPerson(trx, ACCOUNT, half)
      await keptMessage(trx, { senderId: id, chatKey: id })
    }
    await knownPerson(trx, ACCOUNT, ALICE)
  })

const aTurn: Scene = store =>
  store.transaction(async trx => {
    const turn = await keptTurn(trx)
    const call = { n: 1, tool: 'x', effect: 'write', argumentsHash: 'x', decision: 'allow', reason: null } as const
    await steps.recordStep(trx, turn, { ...call, status: 'started', result: null })
    await steps.stepsOf(trx, turn.id)
    await steps.finishStep(trx, turn, { n: 1, result: 'null' })
    await steps.withdrawStep(trx, turn, 1)
    await steps.forgetSteps(trx, turn, 1)
    await turns.retryTurnAt(trx, turn, { code: 'agent_failed', failure: null, nextAt: now })
    await turns.releaseTurn(trx, turn)
    await nextDueAt(trx, Date.now())
    await turns.requeueTurns(trx, { most: 20, waitMs: () => 0 })
    const [again] = await takeTurns(trx, 10, Date.now())
    await turns.endTurn(trx, given(again), { status: 'answered', code: null, failure: null, step: null })
  })

const aLoop: Scene = store => store.transaction(async trx => loopScene(trx, await keptMessage(trx)))

const anApproval: Scene = store => store.transaction(async trx => approvalScene(trx, await keptTurn(trx)))

const aFile: Scene = store => store.transaction(async t => fileScene(t, await keptMessage(t, { stanzaId: 'FILE' })))

const aGathering: Scene = store =>
  store.transaction(async trx => gatheringScene(trx, await keptMessage(trx), await keptMessage(trx, { stanzaId: '2' })))
const whatDisappears: Scene = store => store.transaction(async trx => forgettingScene(trx, await keptTurn(trx)))

const aConversation: Scene = store =>
  store.transaction(async trx => {
    const { senderId, chatKey, stanzaId, id } = await keptMessage(trx)
    for (const participant of [null, senderId]) {
      const conversation = { ...ACCOUNT, chatKey, participant }
      await conversationMessages.listConversation(trx, conversation, { before: 10, limit: 20 })
      await conversationMessages.listAnswers(trx, conversation, { from: 1, before: 10 })
    }
    await conversationMessages.noteChange(trx, id, id)
    await conversationMessages.noteOwnChange(trx, { ...ACCOUNT, chatKey, stanzaId }, id)
  })

const lanes = [
  { lane: ['reply'], limit: 10, except: [] },
  { lane: ['reply', 'proactive', 'cold', 'group'], limit: 10, except: ['snd_x'], class: 'proactive' },
] as const

const aSend: Scene = store =>
  store.transaction(async trx => {
    const send = await keptSend(trx, 'snd_one')
    await listReplies(trx, send.messageId)
    await findPlaceOfReplies(trx, ORG, send.messageId)
    await allowances.noteFirstLink(trx, ACCOUNT, { phone: OUR_NUMBER, at: now })
    await allowances.noteBan(trx, ACCOUNT, now)
    await allowances.findAllowance(trx, ACCOUNT)
    await allowances.listPastSends(trx, ACCOUNT, now)
    await allowances.listUnwanted(trx, ACCOUNT, now)
    await allowances.countSameText(trx, send, { hash: 'hash', since: now })
    await allowances.hasWritten(trx, send)
    await contacts.standingsOf(trx, ACCOUNT, [send.id])
    await contacts.noteLookup(trx, ACCOUNT, OUR_NUMBER)
    await contacts.nextLookupAt(trx, ACCOUNT, { perHour: 20, perDay: 50 })
    await contacts.keepContact(trx, ACCOUNT, { number: OUR_NUMBER, address: given(ALICE.phone) })
    await contacts.findContact(trx, ACCOUNT, OUR_NUMBER)
    await contacts.addressOfNumber(trx, ACCOUNT, OUR_NUMBER)
    await contacts.listSpellings(trx, ORG, [OUR_NUMBER])
    await contacts.numbersAmongPeople(trx, ORG, [OUR_NUMBER])
    await contacts.numbersAnswered(trx, ORG, [OUR_NUMBER])
    await contacts.writersAmong(trx, ORG, [OUR_NUMBER])
    await contacts.hasWrittenFrom(trx, ACCOUNT, OUR_NUMBER)
    for (const page of lanes) await waitingSends.listFirstWaiting(trx, ACCOUNT, page)
    await waitingSends.listOverdue(trx, ACCOUNT, now)
    await waitingSends.nextExpiry(trx, ACCOUNT)
    await waitingSends.countBefore(trx, send)
    await waitingSends.countWaiting(trx, ORG)
    await sends.noteTransmission(trx, send.id, { bytes: new Uint8Array(), remark: null, at: now })
    await sends.settleSend(trx, send, { outcome: 'sent' })
    await evidence.lastWord(trx, ACCOUNT)
    await evidence.heldBack(trx, ACCOUNT)
    await sends.noteReceipt(trx, ACCOUNT, { stanzaId: send.stanzaId, receipt: 'read' })
    await sends.withdrawSend(trx, await keptSend(trx, 'snd_two'), 'cancelled')
    await sends.abandonSend(trx, await keptSend(trx, 'snd_three'), 'link_changed')
    await sends.listForeignSends(trx, ACCOUNT, OUR_NUMBER)
  })

const theApi: Scene = store =>
  store.transaction(async trx => {
    const { id } = await keptTurn(trx)
    for (const before of [null, id])
      for (const account of [null, DEFAULT_ACCOUNT]) {
        await readStretch(trx, ORG, { account, before, limit: 10 })
        for (const status of [null, 'answered'] as const)
          await waitingTurns.listTurns(trx, ORG, { account, status, before, limit: 10 })
      }
    await readStretch(trx, ORG, { after: 0, limit: 10 })
    await messages.findMessage(trx, ORG, id)
    const turn = given(await waitingTurns.findTurn(trx, ORG, id))
    await waitingTurns.findTurnOf(trx, ORG, turn.messageId)
    for (const decision of ['skip', 'repeat'] as const)
      await waitingTurns.resumeTurn(trx, { ...turn, step: { n: 1, tool: 'x' } }, decision)
    for (const before of [null, 10])
      for (const account of [null, DEFAULT_ACCOUNT])
        for (const status of [null, 'read'] as const) await listSends(trx, ORG, { account, status, before, limit: 10 })
    await changes.listChanges(trx, ORG, { after: 0, limit: 10 })
    const key = { key: 'key', bodyHash: 'x', sendId: 'snd_x' }
    await keys.keepKey(trx, ORG, key)
    await keys.findKey(trx, ORG, key.key)
    const added = await bindings.addBinding(trx, ORG, { agent: 'echo', rule: {} })
    const { id: binding } = added
    await bindings.findBinding(trx, ORG, binding)
    await bindings.suspendBinding(trx, added, now)
    await bindings.replaceBinding(trx, added)
    await bindings.placeBindings(trx, ORG, [binding])
    await bindingsAt(trx, ORG, 1)
    await bindings.listBindings(trx, ORG)
    await bindings.countBindings(trx, ORG)
    await bindings.removeBinding(trx, ORG, binding)
    await accounts.findAccount(trx, ACCOUNT)
    await accounts.listAccountsOf(trx, ORG)
    await accounts.configureAccount(trx, ACCOUNT, { displayName: null })
    await accounts.isConfirmed(trx, ACCOUNT, OUR_NUMBER)
  })

const aLink: Scene = store =>
  store.transaction(async trx => {
    await accounts.claimNumber(trx, ACCOUNT, OUR_NUMBER)
    await accounts.closeJournal(trx, ACCOUNT)
    await accounts.releaseNumber(trx, ACCOUNT)
  })

const whatIsOld: Scene = store =>
  store.transaction(async trx => {
    const send = await keptSend(trx, 'snd_old')
    await changes.listChangedOrgs(trx)
    await changes.dropChanges(trx, ORG, { before: send.acceptedAt + 1, most: 10 })
    await keys.keepKey(trx, ORG, { key: 'key', bodyHash: 'x', sendId: 'snd_x' })
    await keys.dropKeys(trx, { before: Date.now() + 1, most: 10 })
    await oldScene(trx, (await keptMessage(trx, { stanzaId: 'OLD' })).id)
  })

const theMetrics: Scene = store =>
  store.transaction(async trx => {
    await keptTurn(trx)
    await keptSend(trx, 'snd_metrics')
    await metricsScene(trx)
  })

/** The host starts: opening a store is the rest of it. */
const aStart: Scene = async store => {
  await waitingSends.listWaitingAccounts(store.connection)
  await store.transaction(trx => turns.requeueTurns(trx, { most: 20, waitMs: () => 0 }))
}

/** All that the store compiles in a scene, from its opening on, and the file. */
async function recorded(...scenes: Scene[]) {
  const made = await linkedStore()
  using recording = compiled()
  const again = await made.reopened()
  for (const scene of scenes) await scene(again.store)
  const [{ store, file }, statements] = [again, recording.statements()]
  const tooCostly = (without?: string) => costly(file, statements, without).filter(line => !isAllowed(line))
  return { tooCostly, statements, store, [Symbol.asyncDispose]: () => again[Symbol.asyncDispose]() }
}

const SCENES: [string, Scene][] = [
  ['for two people who turn out to be one', twoPeopleWhoAreOne],
  ['for a message', aMessage],
  ['for a turn and its steps', aTurn],
  ['for a loop', aLoop],
  ['for an approval', anApproval],
  ['for a file', aFile],
  ['for what is said in pieces', aGathering],
  ['for what disappears', whatDisappears],
  ['for what was said in a conversation', aConversation],
  ['for a send', aSend],
  ['for the API', theApi],
  ['for the metrics', theMetrics],
  ['for a link', aLink],
  ['to forget what is old', whatIsOld],
  ['for a start', aStart],
]

describe('with millions of rows, nothing reads or sorts a whole table', () => {
  it.each(SCENES)('%s', async (_, scene) => {
    await using made = await recorded(scene)
    expect(made.tooCostly()).toEqual([])
  })

  it('nor is a query compiled anew each time that its limit is bound', async () => {
    await using made = await recorded(theApi)
    expect(new Set(made.statements.flatMap(sql => /limit .*/.exec(sql)?.[0] ?? []))).toEqual(
      new Set(['limit 1', 'limit ? + 0']),
    )
  })

  it('and there is no index without which it would still be so', async () => {
    await using made = await recorded(...SCENES.map(([, scene]) => scene))
    const { rows } = await sql<{ name: string }>`
      select name from sqlite_master where type = 'index' and sql is not null`.execute(made.store.connection)
    expect(rows.map(({ name }) => name)).toContain('messages_by_chat')
    expect(rows.filter(({ name }) => made.tooCostly(name).length === 0)).toEqual([])
  })
})
