import type { AgentFailures } from '../health/agent-failures.ts'
import type { Backends } from '../health/backends.ts'
import { NOT_TAKEN_OVER_MS, type Problem, type ProblemCode, TURN_TOO_LONG_MS } from '../contract/problem.ts'
import { freeBytesOf, isFull } from '../files/disk-space.ts'
import type { ProblemSource } from '../health/health-watch.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { GatewayClient } from '../supervisor/gateway-client.ts'
import type { Policies } from '../policy/policies.ts'
import type { Store } from '../store/database.ts'
import { listGivenUp, listLongRunning } from '../store/turns/troubled-turns.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

/** The error codes that SQLite and the operating system report when the disk is full. */
const NO_ROOM: ReadonlySet<string> = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT'])

/** The parts that are checked for problems. */
export type ProblemParts = {
  /** The folders that the channel writes to. */
  readonly folders: readonly string[]
  readonly store: Store
  readonly gateway: Pick<GatewayClient, 'downSince'>
  readonly inbox: Pick<Inbox, 'behind'>
  readonly failures: AgentFailures
  readonly backends: Backends
  readonly workers: WorkerPool
  readonly policies: Policies
}

const NOBODY = { org: null, account: null, agent: null, count: null, cause: null } as const

const ofAll = (code: ProblemCode, since: number | null): Problem[] =>
  since === null ? [] : [{ ...NOBODY, code, since }]

/** All sources that are checked for problems. */
export const problemSourcesOf = (parts: ProblemParts): ProblemSource[] => [
  now => ofDisk(parts, now),
  () => ofAll('gateway_down', parts.gateway.downSince),
  now => ofJournals(parts.inbox, now),
  () => ofAll('workers_down', parts.workers.downSince()),
  now => parts.backends.problems(now),
  now => parts.failures.problems(now),
  now => ofLongTurns(parts.store, now),
  () => ofGivenUp(parts.store),
  now => (parts.policies.lacksCompiler() ? ofAll('compiler_missing', now) : []),
]

async function ofDisk({ folders, store }: ProblemParts, now: number): Promise<Problem[]> {
  await store.retry()
  const { refusal } = store
  if (isFull(await freeBytesOf(folders))) return [{ ...NOBODY, code: 'disk_full', cause: 'ENOSPC', since: now }]
  if (!refusal) return []
  return [{ ...NOBODY, code: NO_ROOM.has(refusal.cause) ? 'disk_full' : 'store_unusable', ...refusal }]
}

const ofJournals = (inbox: Pick<Inbox, 'behind'>, now: number): Problem[] =>
  inbox
    .behind()
    .filter(({ since }) => now - since >= NOT_TAKEN_OVER_MS)
    .map(behind => ({ ...NOBODY, code: 'journal_waiting', ...behind }))

async function ofLongTurns({ connection }: Store, now: number): Promise<Problem[]> {
  const long = await listLongRunning(connection, now - TURN_TOO_LONG_MS)
  return long.map(turns => ({ ...NOBODY, code: 'turn_too_long', ...turns }))
}

const ofGivenUp = async ({ connection }: Store): Promise<Problem[]> =>
  (await listGivenUp(connection)).map(turns => ({ ...NOBODY, code: 'dead_letters', ...turns }))
