import { describe, expect, it } from 'vitest'

import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import { type AccountKey, addressOfPerson, parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import { addBinding } from '../../../plugin/store/accounts/bindings.ts'
import { claimNumber, configureAccount, confirmNumber } from '../../../plugin/store/accounts/accounts.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { call, createTestHost, ORG_A, ORG_B, ROLES, serveApi, tokenOf } from '../../support/api.ts'
import { inboxOf } from '../../support/inbox.ts'
import { createMemoryOperations } from '../../support/operations.ts'
import { aDay, atWork, metricsOf, order, pageOf, seen } from '../../support/metrics.ts'
import { sumOf, valueOf } from '../../support/prometheus.ts'
import { ACCOUNT, ALICE, BOB, given, linkedStore, ORG, OUR_NUMBER, person, textFrom } from '../../support/store.ts'
import { outboxOf } from '../../support/unpaced-outbox.ts'

const ELSEWHERE = given(parseOrgId('org_elsewhere'))

function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

/** What the store has: how many turns, steps of sends and messages that came in are called what. */
const stored = {
  statuses: async ({ connection }: Store, table: 'turns' | 'send_changes') => {
    const rows = await connection.selectFrom(table).select('status').where('org', '=', ORG).execute()
    return tally(rows.map(({ status }) => status))
  },
  outcomes: async ({ connection }: Store) => {
    const rows = await connection.selectFrom('messages').select('outcome').where('direction', '=', 'inbound').execute()
    return tally(rows.map(({ outcome }) => outcome))
  },
}

const total = (counts: Iterable<number>): number => [...counts].reduce((sum, count) => sum + count, 0)

describe('the metrics, after a day', () => {
  it('are what the store has of its messages', async () => {
    await using opened = await linkedStore()
    await using work = await aDay(opened.store)
    const page = await pageOf(work.metrics)
    const of = (name: string, more = {}) =>
      valueOf(page, `whatsapp_messages_${name}_total`, { account: 'default', ...more })
    const outcomes = await stored.outcomes(opened.store)
    const rows = total(outcomes.values())
    expect(of('received')).toBe(rows)
    const parts = ['matched', 'unmatched', 'ignored', 'undecryptable']
    const counts = parts.map(part => sumOf(page, `whatsapp_messages_${part}_total`))
    expect([counts, total(counts)]).toEqual([[7, 2, 4, 2], rows])
    expect(of('unmatched', { reason: 'no_binding' })).toBe(1)
    expect(of('unmatched', { reason: 'identity_unknown' })).toBe(1)
    expect(of('ignored', { reason: 'own' })).toBe(1)
    expect(of('ignored', { reason: 'reaction' })).toBe(1)
    expect(of('ignored', { reason: 'unsupported' })).toBe(2)
    // One became known and one was replayed, which have their turns as well; one was decrypted, and nobody answers it.
    expect(of('reconsidered', { outcome: 'matched' })).toBe(2)
    expect(of('reconsidered', { outcome: 'unmatched' })).toBe(1)
    const turns = await stored.statuses(opened.store, 'turns')
    expect(total(turns.values())).toBe((of('matched') ?? 0) + 2)
    expect(outcomes.get('undecryptable')).toBe(1)
    expect(of('duplicate')).toBe(1)
    expect(of('unsupported', { kind: 'orderMessage' })).toBe(2)
    expect(valueOf(page, 'whatsapp_message_delay_seconds_count')).toBe(rows)
  })

  it('are what the store has of its turns, and what the gate said', async () => {
    await using opened = await linkedStore()
    await using work = await aDay(opened.store)
    const page = await pageOf(work.metrics)
    expect(seen(page, 'whatsapp_turns_total', 'status')).toEqual(await stored.statuses(opened.store, 'turns'))
    expect(seen(page, 'whatsapp_turns_total', 'status')).toEqual(
      new Map([
        ['answered', 7],
        ['no_reply', 1],
        ['dead_letter', 1],
      ]),
    )
    expect(seen(page, 'whatsapp_turns_open', 'status')).toEqual(new Map([['dead_letter', 1]]))
    const decided = (decision: string, effect: string) =>
      valueOf(page, 'whatsapp_tool_decisions_total', { decision, effect })
    expect(decided('allow', 'read')).toBe(1)
    expect(decided('approval_required', 'write')).toBe(1)
    expect(decided('deny', 'unknown')).toBe(1)
    expect(sumOf(page, 'whatsapp_tool_decisions_total')).toBe(3)
    expect(valueOf(page, 'whatsapp_turn_attempt_seconds_count')).toBe(10)
    expect(valueOf(page, 'whatsapp_oldest_queued_turn_age_seconds')).toBe(0)
  })

  it('are what the store has of its sends, however often they are asked for', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await using work = await aDay(store)
    const steps = await stored.statuses(store, 'send_changes')
    const wanted = { accepted: 7, sent: 3, rejected: 1, delivered: 2, read: 1, cancelled: 1 }
    expect(steps).toEqual(new Map(Object.entries(wanted)))
    const pages = await Promise.all([pageOf(work.metrics), pageOf(work.metrics)])
    for (const page of [...pages, await pageOf(work.metrics)]) {
      const counted = seen(page, 'whatsapp_deliveries_total', 'status')
      expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(steps))
    }
    const { connection } = store
    await connection.updateTable('sends').set({ held: 'same_text' }).where('content', 'like', '%a person%').execute()
    const page = await pageOf(work.metrics)
    const waiting = (held: string) => valueOf(page, 'whatsapp_deliveries_waiting', { account: 'default', held })
    expect([waiting('no'), waiting('yes')]).toEqual([1, 1])
  })

  it('count every step of a send, also when there are more of them than are read at a time', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await using out = outboxOf(store)
    const metrics = metricsOf(store)
    const { id } = await out.say(addressOfPerson(ALICE), 'hello')
    const step = { org: ORG, send_id: id, status: 'sent', rejected_code: null, changed_at: 0 } as const
    const steps = Array.from({ length: 2_500 }, (_, index) => ({ ...step, seq: index + 2 }))
    for (let at = 0; at < steps.length; at += 500)
      await store.connection
        .insertInto('send_changes')
        .values(steps.slice(at, at + 500))
        .execute()
    const counted = seen(await pageOf(metrics), 'whatsapp_deliveries_total', 'status')
    expect(Object.fromEntries(counted)).toEqual({ accepted: 1, sent: 2_500 })
  })

  it('count what is given up at a start, because its process died of it too often', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, {})
    gateway.receive(textFrom(ALICE, 'hello'))
    await inbox.wake(ACCOUNT)
    await store.connection.updateTable('turns').set({ status: 'running', attempt: 20, crashes: 19 }).execute()
    await using work = await atWork(store)
    expect(seen(await pageOf(work.metrics), 'whatsapp_turns_total', 'status')).toEqual(new Map([['dead_letter', 1]]))
  })

  it('count anew in the next process, and show what is left as it is', async () => {
    await using opened = await linkedStore()
    await (await aDay(opened.store))[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    const metrics = metricsOf(again.store)
    await metrics.open()
    const page = await pageOf(metrics)
    for (const name of ['messages_received', 'turns', 'tool_decisions', 'deliveries'])
      expect([name, sumOf(page, `whatsapp_${name}_total`)]).toEqual([name, 0])
    expect(sumOf(page, 'whatsapp_deliveries_waiting')).toBe(2)
    expect(seen(page, 'whatsapp_turns_open', 'status')).toEqual(new Map([['dead_letter', 1]]))
    await using out = outboxOf(again.store)
    await out.say(addressOfPerson(ALICE), 'one more')
    expect(seen(await pageOf(metrics), 'whatsapp_deliveries_total', 'status')).toEqual(new Map([['accepted', 1]]))
  })
})

describe('how things stand', () => {
  it('is how old what waits is, and since when nobody was heard of', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, {})
    await using out = outboxOf(store)
    const metrics = metricsOf(store)
    const age = async (name: string, labels = { account: 'default' }) =>
      valueOf(await pageOf(metrics), `whatsapp_${name}_age_seconds`, labels)
    expect(await age('oldest_unsent')).toBe(0)
    expect(await age('last_received')).toBeUndefined()
    const ago = (seconds: number) => Date.now() - seconds * 1_000
    gateway.receive(
      textFrom(ALICE, 'first', { receivedAt: ago(300) }),
      textFrom(ALICE, 'then', { receivedAt: ago(200) }),
    )
    await inbox.wake(ACCOUNT)
    for (const text of ['first', 'then']) await out.say(addressOfPerson(ALICE), text)
    const { connection } = store
    await connection
      .updateTable('turns')
      .set(row => ({ queued_at: row('queued_at', '-', 400_000) }))
      .execute()
    await connection
      .updateTable('sends')
      .set(row => ({ accepted_at: row('accepted_at', '-', 500_000) }))
      .where('content', 'like', '%first%')
      .execute()
    await connection
      .updateTable('accounts')
      .set({ last_connected_at: ago(600) })
      .execute()
    const about = (seconds: number | undefined, wanted: number) => {
      expect(seconds).toBeGreaterThanOrEqual(wanted)
      expect(seconds).toBeLessThan(wanted + 60)
    }
    about(await age('last_received'), 200)
    about(valueOf(await pageOf(metrics), 'whatsapp_oldest_queued_turn_age_seconds'), 400)
    about(await age('oldest_unsent'), 500)
    about(await age('last_connected'), 600)
    expect(seen(await pageOf(metrics), 'whatsapp_turns_open', 'status')).toEqual(new Map([['queued', 2]]))
  })

  it('is one state of each link', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const support = given(parseAccountName('support'))
    await configureAccount(store.connection, { org: ORG, account: support }, { displayName: null })
    const states: Record<string, ConnectionState> = {
      default: { status: 'connected', phone: OUR_NUMBER, since: 0 },
      support: { status: 'stopped', reason: 'logged_out', permanent: true, detail: 'pair again' },
    }
    const metrics = metricsOf(store, states)
    const inForce = async () => {
      const { samples } = await pageOf(metrics)
      const standing = samples.filter(({ name, value }) => name === 'whatsapp_gateway_state' && value === 1)
      return standing.map(({ labels }) => `${labels['account']}: ${labels['state']}`)
    }
    expect(await inForce()).toEqual(['default: connected', 'support: stopped'])
    states['support'] = { status: 'pairing' }
    expect(await inForce()).toEqual(['default: connected', 'support: pairing'])
    await store.connection.deleteFrom('accounts').where('account', '=', support).execute()
    expect(await inForce()).toEqual(['default: connected'])
  })
})

const THEIRS = person(null, '972500000077')

/** An account of another org: what is told of it concerns nobody else. */
async function elsewhere(store: Store): Promise<AccountKey> {
  const key = { org: ELSEWHERE, account: given(parseAccountName('theirs')) }
  await configureAccount(store.connection, key, { displayName: null })
  await claimNumber(store.connection, key, given(THEIRS.phone))
  await confirmNumber(store.connection, key, given(THEIRS.phone))
  return key
}

describe('the numbers of an org', () => {
  it('are its own', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await using work = await atWork(store, await elsewhere(store))
    await store.transaction(trx => addBinding(trx, ELSEWHERE, { agent: 'echo', rule: {} }))
    const to = { receiver: THEIRS }
    work.gateway.receive(textFrom(ALICE, 'call read', to), textFrom(BOB, '', { ...to, content: order }))
    await work.takeOver()
    await work.line('turn ended')
    const theirs = await pageOf(work.metrics, ELSEWHERE)
    expect(valueOf(theirs, 'whatsapp_messages_received_total', { account: 'theirs' })).toBe(2)
    expect(sumOf(theirs, 'whatsapp_turns_total')).toBe(1)
    const ours = await pageOf(work.metrics)
    expect(ours.samples.filter(({ labels }) => labels['account'] === 'theirs')).toEqual([])
    for (const { name, value } of ours.samples.filter(sample => sample.name.endsWith('_total')))
      expect([name, value]).toEqual([name, 0])
  })

  it('are told to every role of it, at both paths, and to nobody else', async () => {
    const operations = createMemoryOperations({ metrics: { text: async org => `# of ${org}\n` } })
    const { host, revoke } = createTestHost()
    await using served = await serveApi({ operations, host })
    for (const path of ['/metrics', '/api/v1/metrics']) {
      const at = `${served.url}${path}`
      for (const role of ROLES) {
        const { status, text, headers } = await call(at, { token: tokenOf(ORG_A, role) })
        expect([status, text]).toEqual([200, `# of ${ORG_A}\n`])
        expect(headers).toMatchObject({
          'content-type': 'text/plain; version=0.0.4; charset=utf-8',
          'cache-control': 'no-store',
        })
      }
      expect((await call(at, { token: tokenOf(ORG_B, 'viewer') })).text).toBe(`# of ${ORG_B}\n`)
      for (const token of [null, 'ak_live_nobody']) expect((await call(at, { token })).status).toBe(401)
      expect((await call(`${at}?token=${tokenOf(ORG_A, 'owner')}`, { token: null })).status).toBe(401)
      expect((await call(`${at}?org=${ORG_B}`)).status).toBe(400)
      const posted = await call(at, { method: 'POST' })
      expect([posted.status, posted.headers.allow]).toEqual([405, 'GET'])
    }
    revoke(tokenOf(ORG_A, 'owner'))
    expect((await call(`${served.url}/metrics`)).status).toBe(401)
  })
})
