import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'

import { databaseIn } from '../support/files-below.ts'
import { startLinkedStory } from '../support/story.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { COUNTED, type Counts, type Pids, readCounts, workEnvironment } from '../support/work-counts.ts'

const MESSAGES = 7
/** Nothing tells when all work is done: it is when nothing more was counted for so long. */
const QUIET_MS = 250
type Work = Record<keyof Pids, Counts>

/** What one answered message takes. To find what came on top, compare the `kinds` that test/support/work-hook.mjs writes. */
const MOST: Record<'direct' | 'group', Work> = {
  direct: {
    host: { statements: 62, transactions: 8, flushes: 7, ipc_sent: 0, ipc_received: 0 },
    gateway: { statements: 69, transactions: 8, flushes: 4, ipc_sent: 10, ipc_received: 7 },
  },
  group: {
    host: { statements: 62, transactions: 8, flushes: 7, ipc_sent: 0, ipc_received: 0 },
    gateway: { statements: 61, transactions: 8, flushes: 5, ipc_sent: 10, ipc_received: 7 },
  },
}

it('an answered message takes no more statements, transactions, flushes and messages between host and gateway than it is known to', async () => {
  await using folder = await temporaryFolder()
  await using story = await startLinkedStory({ host: { env: workEnvironment(folder.path) } })
  const { network, host, client, owner } = story
  const alice = await network.phone('alice')
  const group = await network.group('Team', [owner, alice])
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  const pids = { host: host.pid, gateway: gatewayOf(host.pid) }
  using sends = sendsIn(databaseIn(host.home) ?? '')

  const done = async (): Promise<Work> => {
    await expect.poll(() => sends.undelivered()).toBe(0)
    for (let last = await readCounts(folder.path, pids); ;) {
      await pause(QUIET_MS)
      const now = await readCounts(folder.path, pids)
      if (JSON.stringify(now) === JSON.stringify(last)) return now
      last = now
    }
  }
  const answered = async (to: typeof owner | typeof group, text: string): Promise<Work> => {
    const before = await done()
    await alice.says(text, { to })
    await alice.hears(text)
    const after = await done()
    return { host: less(after.host, before.host), gateway: less(after.gateway, before.gateway) }
  }

  const found = { direct: [] as Work[], group: [] as Work[] }
  for (const [kind, to] of [
    ['direct', owner],
    ['group', group],
  ] as const) {
    // The first message also makes sessions and learns names.
    await answered(to, `${kind} first`)
    for (let n = 0; n < MESSAGES; n += 1) found[kind].push(await answered(to, `${kind} ${n}`))
  }
  for (const kind of ['direct', 'group'] as const)
    for (const role of ['host', 'gateway'] as const)
      for (const name of COUNTED) {
        const usual = median(found[kind].map(each => each[role][name]))
        expect(usual, `${name} of the ${role}, ${kind}`).toBeLessThanOrEqual(MOST[kind][role][name])
      }
  expect(median(found.direct.map(each => each.host.statements))).toBeGreaterThan(20)
})

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

const less = (now: Counts, before: Counts): Counts =>
  Object.fromEntries(COUNTED.map(name => [name, now[name] - before[name]])) as Counts

/** The gateway is the host's first child. */
const gatewayOf = (host: number): number =>
  Number(readFileSync(`/proc/${host}/task/${host}/children`, 'utf8').split(' ')[0])

/** Read beside the host, which does not notice. */
function sendsIn(path: string) {
  const database = new Sqlite(path, { readonly: true })
  const count = database.prepare<[], number>("SELECT count(*) FROM sends WHERE status <> 'delivered'").pluck()
  return { undelivered: () => count.get(), [Symbol.dispose]: () => database.close() }
}
