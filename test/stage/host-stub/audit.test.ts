import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'

import type { AuditEntry } from '../../../host-stub/agentcy/audit/audit-entry.ts'
import { questionFrom } from '../../../host-stub/agentcy/audit/audit-filters.ts'
import { AuditLog } from '../../../host-stub/agentcy/audit/audit-log.ts'
import { ORG_A, ORG_B } from '../../support/api.ts'
import { entryWith, ids, openedLog, requestsOf, seqsOf, upTo } from '../../support/audit.ts'

describe('the audit log', () => {
  it('numbers the entries of each org without gaps, in the order told, also after it was opened again', async () => {
    await using log = await openedLog()
    await Promise.all([
      log.tell(ORG_A, ids('a', 50)),
      log.tell(ORG_B, ids('b', 30)),
      log.tell(ORG_A, ids('c', 20)),
      ...ids('d', 10).map(id => log.tell(ORG_B, [id])),
    ])
    log.reopened()
    await Promise.all([log.tell(ORG_B, ids('e', 5)), log.tell(ORG_A, ids('f', 5))])
    expect(seqsOf(log.all(ORG_A))).toEqual(upTo(75))
    expect(requestsOf(log.all(ORG_A))).toEqual([...ids('a', 50), ...ids('c', 20), ...ids('f', 5)])
    expect(seqsOf(log.all(ORG_B))).toEqual(upTo(45))
    expect(requestsOf(log.all(ORG_B))).toEqual([...ids('b', 30), ...ids('d', 10), ...ids('e', 5)])
  })

  it('numbers without gaps also what two hosts of one home are told', async () => {
    await using log = await openedLog()
    const other = new AuditLog({ home: log.home, environment: {}, log: log.log })
    try {
      for (const id of ids('a', 5)) {
        await Promise.all([log.tell(ORG_A, [id]), other.append(ORG_A, entryWith()), log.tell(ORG_A, [id])])
      }
    } finally {
      other.close()
    }
    expect(seqsOf(log.all(ORG_A))).toEqual(upTo(15))
  })

  it('serves an entry in the documented shape', async () => {
    await using log = await openedLog({ now: () => Date.parse('2026-04-24T12:33:21.123Z') })
    const resource = { connector: 'kubernetes', tool: 'delete_pod', tool_effect: 'destructive' }
    const denied = { decision: 'deny', rule: 'agentcy.connectors.deny', resource, latencyMs: 11.7 } as const
    await log.tell(ORG_A, ['req_mine'], denied)
    const [entry] = log.all(ORG_A)
    expect(entry).toEqual({
      id: expect.stringMatching(/^aud_[0-9A-HJKMNP-TV-Z]{26}$/),
      seq: 1,
      ts: '2026-04-24T12:33:21.123Z',
      org_id: 'org_a',
      user_id: 'usr_alice',
      api_key_id: null,
      category: 'policy',
      action: 'chat.tool.execute',
      decision: 'deny',
      resource,
      policy_id: null,
      rule: 'agentcy.connectors.deny',
      input: { subject: { channel: 'whatsapp' } },
      context: { ip: null, request_id: 'req_mine', latency_ms: 12 },
    })
    expect(log.audit.find(ORG_A, entry?.id ?? '')).toEqual(entry)
  })

  it('keeps by one commit what it is told in the same moment', async () => {
    await using log = await openedLog()
    const sizeBytes = async () => (await stat(join(log.home, 'audit.db-wal'))).size
    const pages = async (told: () => Promise<unknown>) => {
      const before = await sizeBytes()
      await told()
      return ((await sizeBytes()) - before) / (4_096 + 24)
    }
    await log.tell(ORG_A, ['first'])
    const together = await pages(() => log.tell(ORG_A, ids('a', 40)))
    const apart = await pages(async () => {
      for (const id of ids('b', 40)) await log.tell(ORG_A, [id])
    })
    // A commit writes each page that it has touched once.
    expect(together).toBeLessThan(40)
    expect(apart).toBeGreaterThanOrEqual(4 * 40)
  })

  it('has each commit flushed before it is called kept', async () => {
    const pragma = vi.spyOn(Sqlite.prototype, 'pragma')
    try {
      await using _log = await openedLog()
      expect(pragma.mock.calls.map(([said]) => said)).toContain('synchronous = FULL')
    } finally {
      pragma.mockRestore()
    }
  })

  it('refuses an entry that is none, and keeps those that were told with it', async () => {
    await using log = await openedLog()
    const odd = entryWith({ decision: 'perhaps' as 'deny' })
    const endless: Record<string, unknown> = {}
    endless['self'] = endless
    const told = await Promise.allSettled([
      log.tell(ORG_A, ['before']),
      log.audit.append(ORG_A, odd),
      log.audit.append(ORG_A, entryWith({ input: endless })),
      log.tell(ORG_A, ['after']),
    ])
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(requestsOf(log.all(ORG_A))).toEqual(['before', 'after'])
    expect(seqsOf(log.all(ORG_A))).toEqual([1, 2])
  })

  it('keeps an entry as it was when it was told, whatever becomes of it', async () => {
    await using log = await openedLog()
    const input = { tool: 'get_pods' }
    const kept = log.audit.append(ORG_A, entryWith({ input }))
    input.tool = 'delete_pod'
    await kept
    expect(log.all(ORG_A)).toMatchObject([{ input: { tool: 'get_pods' } }])
  })

  it('is searched in steps that let everything else go between', async () => {
    await using log = await openedLog()
    await log.tell(ORG_A, ['rare'], { user: 'usr_rare' })
    await log.tell(ORG_A, ids('a', 5_000))
    const question = questionFrom(new URLSearchParams({ user_id: 'usr_rare' }))
    if (typeof question === 'string') throw new Error(question)
    let turns = 0
    let next = setImmediate(function count() {
      turns += 1
      next = setImmediate(count)
    })
    const found: AuditEntry[] = []
    for await (const page of log.audit.search(ORG_A, question, 5_002)) found.push(...page)
    clearImmediate(next)
    expect(seqsOf(found)).toEqual([1])
    expect(turns).toBeGreaterThan(8)
  })

  it('is searched by one search of an org in each round of the event loop, however many there are, and by other orgs beside it', async () => {
    await using log = await openedLog()
    for (const org of [ORG_A, ORG_B]) await log.tell(org, ids('a', 3_000))
    const question = questionFrom(new URLSearchParams())
    if (typeof question === 'string') throw new Error(question)
    let round = 0
    let next = setImmediate(function count() {
      round += 1
      next = setImmediate(count)
    })
    const rounds: Record<string, number[]> = { [ORG_A]: [], [ORG_B]: [] }
    const search = async (org: typeof ORG_A): Promise<void> => {
      for await (const page of log.audit.search(org, { ...question, limit: null }, 3_001))
        if (page.length > 0) rounds[org]?.push(round)
    }
    await Promise.all([...Array.from({ length: 5 }, () => search(ORG_A)), search(ORG_B)])
    clearImmediate(next)
    expect(rounds[ORG_A]).toHaveLength(30)
    expect(new Set(rounds[ORG_A]).size).toBe(30)
    expect(rounds[ORG_B]?.at(-1)).toBeLessThan(rounds[ORG_A]?.at(-1) ?? 0)
  })

  it('keeps what waits when it is closed, and refuses what comes later', async () => {
    await using log = await openedLog()
    const last = log.tell(ORG_A, ['last'])
    log.audit.close()
    await last
    await expect(log.tell(ORG_A, ['late'])).rejects.toThrow('the audit log is closed')
    log.reopened()
    expect(requestsOf(log.all(ORG_A))).toEqual(['last'])
  })
})
