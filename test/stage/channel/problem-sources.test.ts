import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { AgentFailures } from '../../../plugin/health/agent-failures.ts'
import { Backends } from '../../../plugin/health/backends.ts'
import type { Problem } from '../../../plugin/contract/problem.ts'
import type { Inbox } from '../../../plugin/inbox/inbox.ts'
import { type ProblemParts, problemSourcesOf } from '../../../plugin/channel/problem-sources.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { WorkerPool } from '../../../plugin/workers/worker-pool.ts'
import { keptLog, testHost } from '../../support/host.ts'
import { inboxOf } from '../../support/inbox.ts'
import { ACCOUNT, ALICE, byLid, linkedStore, textFrom } from '../../support/store.ts'
import { matched, running } from '../../support/turns.ts'

const SECOND_MS = 1_000

type Asked = { readonly inbox?: Pick<Inbox, 'behind'>; readonly downSince?: number | null; readonly lacks?: boolean }

/** What is found wrong so long from now. */
async function wrongIn(store: Store, inMs: number, { inbox, downSince = null, lacks = false }: Asked = {}) {
  await using made = await testHost()
  const workers = new WorkerPool(keptLog().log)
  const parts = {
    folders: [made.host.dataFolder],
    store,
    gateway: { downSince },
    inbox: inbox ?? { behind: () => [] },
    failures: new AgentFailures(),
    backends: new Backends(made.host),
    workers,
    policies: { lacksCompiler: () => lacks },
  } as unknown as ProblemParts
  const found: Problem[] = []
  for (const source of problemSourcesOf(parts)) found.push(...(await source(Date.now() + inMs)))
  await workers.close()
  return found
}

const codes = (found: readonly Problem[]): string[] => found.map(({ code }) => code)

describe('Nothing', () => {
  it('is wrong while all is well', async () => {
    await using opened = await linkedStore()
    expect(await wrongIn(opened.store, 0)).toEqual([])
  })
})

describe('What came in and cannot be taken over', () => {
  it('is told after 30 s, with how much it is and why, and no more once it is taken over', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, {})
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.connection)
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 0}`).execute(store.connection)
    gateway.receive(...Array.from({ length: 20 }, () => textFrom(byLid(ALICE), 'x'.repeat(4_000))))
    await inbox.wake(ACCOUNT)
    expect(codes(await wrongIn(store, 29 * SECOND_MS, { inbox }))).not.toContain('journal_waiting')

    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 0}`).execute(store.connection)
    const found = (await wrongIn(store, 31 * SECOND_MS, { inbox })).find(({ code }) => code === 'journal_waiting')
    expect(found).toMatchObject({ ...ACCOUNT, count: 20, cause: 'SQLITE_FULL' })
    await sql`pragma max_page_count = 1000000`.execute(store.connection)
    await inbox.wake(ACCOUNT)
    expect(codes(await wrongIn(store, 31 * SECOND_MS, { inbox }))).toEqual([])
    await inbox.close()
  })
})

describe('A turn', () => {
  it('is too long after a minute, and given up until a person has looked at it', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await matched(store, textFrom(byLid(ALICE), 'hello'))
    let fail: (error: Error) => void = () => undefined
    const hanging = new Promise<never>((_, reject) => (fail = reject))
    {
      await using run = await running(store, async function* () {
        yield await hanging
      })
      await run.line('turn begun')
      expect(await wrongIn(store, 59 * SECOND_MS)).toEqual([])
      const [long] = await wrongIn(store, 61 * SECOND_MS)
      expect(long).toMatchObject({ code: 'turn_too_long', ...ACCOUNT, agent: 'echo', count: 1 })
      fail(new Error('over'))
    }
  })
})

describe('What the host is made of', () => {
  it('is told when it is not there', async () => {
    await using opened = await linkedStore()
    expect(codes(await wrongIn(opened.store, 0, { downSince: 5, lacks: true }))).toEqual([
      'gateway_down',
      'compiler_missing',
    ])
  })
})
