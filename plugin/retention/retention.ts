import { setImmediate } from 'node:timers/promises'

import { errorFields } from '../contract/errors/error-fields.ts'
import type { OrgId } from '../contract/ids.ts'
import { forgetFile, type FileForgettingParts } from './delete-file.ts'
import { DAY_MS, HOUR_MS } from '../base/durations.ts'
import { Repeat } from '../base/repeat.ts'
import type { Connection } from '../store/sql/connection.ts'
import { KEY_KEPT_MS, dropKeys } from '../store/sends/idempotency-keys.ts'
import { deleteMessages, leaveFiles, listOld, listOrgs, startsWithDays } from '../store/deletion/old-messages.ts'
import { dropChanges, listChangedOrgs } from '../store/sends/send-changes.ts'

/** How long changes of sends are kept. A watcher that was away for longer continues with what is left. */
const CHANGES_KEPT_MS = 30 * DAY_MS
/** The most rows per transaction, so that nobody waits long for the store. */
const ROWS_AT_A_TIME = 500

/** The most messages per step, with everything that was done about them. */
const MESSAGES_AT_A_TIME = 50

/** For how many days messages are kept, and whether the settings say so. */
export type Kept = { readonly days: number; readonly chosen: boolean }

/** `said`: the value of the settings; null if they have none, and then the default that the database was created with applies. */
export const keptFor = async (connection: Connection, said: number | null): Promise<Kept> => ({
  days: said ?? (await startsWithDays(connection)),
  chosen: said !== null,
})

/** What retention needs. */
export type RetentionParts = FileForgettingParts & {
  /** For how many days messages, their files and sends are kept; 0: for ever. null if the settings do not say. */
  readonly days: () => number | null
  /** ms UTC */
  readonly now?: () => number
}

/** The old messages of an org, processed one page at a time. */
type OldOf = { readonly org: OrgId; after: string }

/** Deletes data that is too old, at the start and every hour, in steps between which everything else can run. */
export class Retention {
  readonly #parts: RetentionParts
  readonly #now: () => number
  readonly #rounds = new Repeat(HOUR_MS, () => this.#work())

  constructor(parts: RetentionParts) {
    this.#parts = parts
    this.#now = parts.now ?? Date.now
  }

  /** Resolves when everything that is too old by now is deleted. */
  prune(): Promise<void> {
    return this.#rounds.now()
  }

  close(): Promise<void> {
    return this.#rounds.close()
  }

  async #work(): Promise<void> {
    const { store, log } = this.#parts
    try {
      const now = this.#now()
      const changes = { before: now - CHANGES_KEPT_MS, most: ROWS_AT_A_TIME }
      for (const org of await listChangedOrgs(store.connection))
        await this.#inSteps(transaction => dropChanges(transaction, org, changes))
      const keys = { before: now - KEY_KEPT_MS, most: ROWS_AT_A_TIME }
      await this.#inSteps(transaction => dropKeys(transaction, keys))
      await this.#dropMessages(now)
    } catch (error) {
      log.error({ ...errorFields(error) }, 'nothing forgotten')
    }
  }

  /** Repeats until `drop` finds nothing that is too old. */
  async #inSteps(drop: (transaction: Connection) => Promise<number>): Promise<void> {
    for (let dropped = 1; dropped > 0 && !this.#rounds.isClosed;) {
      dropped = await this.#parts.store.transaction(drop)
      await setImmediate()
    }
  }

  /** One step per org in turn, so that an org with a lot of old data does not hold up the others. */
  async #dropMessages(now: number): Promise<void> {
    const { store, days, log } = this.#parts
    const { days: kept } = await keptFor(store.connection, days())
    if (kept === 0) return
    let messages = 0
    let orgs: OldOf[] = (await listOrgs(store.connection)).map(org => ({ org, after: '' }))
    while (orgs.length > 0 && !this.#rounds.isClosed) {
      const left: OldOf[] = []
      for (const old of orgs) {
        const dropped = await this.#dropSome(old, now - kept * DAY_MS)
        if (dropped === null) continue
        messages += dropped
        left.push(old)
      }
      orgs = left
    }
    if (messages > 0) log.info({ messages }, 'old messages forgotten')
  }

  /** How many messages were deleted; null if there are no more. */
  async #dropSome(old: OldOf, before: number): Promise<number | null> {
    const { store } = this.#parts
    const ids = await listOld(store.connection, old.org, { before, after: old.after, limit: MESSAGES_AT_A_TIME })
    const last = ids.at(-1)
    if (last === undefined) return null
    old.after = last
    const held = new Set<string>()
    const files = await store.transaction(transaction => leaveFiles(transaction, ids))
    for (const file of files) if (!(await forgetFile(this.#parts, file))) held.add(file.messageId)
    const gone = ids.filter(id => !held.has(id))
    await store.transaction(transaction => deleteMessages(transaction, gone))
    await setImmediate()
    return gone.length
  }
}
