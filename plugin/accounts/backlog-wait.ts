import { isUp, type ConnectionState } from '../contract/connection.ts'
import { accountId, type AccountKey } from '../contract/ids.ts'

/**
 * The longest time that a turn, or a reply from before, waits for the backlog at WhatsApp, in ms. Part of the backlog may never
 * arrive, and no connection may come up.
 */
export const BACKLOG_PATIENCE_MS = 600_000

/** What is known about an account's connection. `down`: everything in the journal is older than the next connection. */
type Line = { readonly is: 'down' | 'coming' | 'caught_up'; readonly head: number | null }

const DOWN: Line = { is: 'down', head: null }

/** Whether no backlog will arrive, because the account is no longer linked. */
const isUnlinked = (state: ConnectionState): boolean =>
  state.status === 'not_paired' || (state.status === 'stopped' && state.reason === 'logged_out')

/**
 * Tracks how far accounts have caught up with their backlogs, because what a person wrote since must be known before an older
 * question is answered. An account without reports has nothing to catch up with.
 */
export class BacklogWait {
  readonly #lines = new Map<string, Line>()

  /** Everything known about the account is older than its next connection. */
  begin(key: AccountKey): void {
    this.#lines.set(accountId(key), DOWN)
  }

  /** No connection is up any more. */
  gatewayDown(): void {
    for (const name of this.#lines.keys()) this.#lines.set(name, DOWN)
  }

  /** The account's connection has come up, or is gone. */
  observe(key: AccountKey, state: ConnectionState): void {
    const { is, head } = this.#lines.get(accountId(key)) ?? DOWN
    if (isUnlinked(state)) this.#lines.set(accountId(key), { is: 'down', head: 0 })
    else if (!isUp(state)) this.begin(key)
    else if (is === 'down') this.#lines.set(accountId(key), { is: 'coming', head })
  }

  /** The whole backlog is in the journal, up to this number. */
  told(key: AccountKey, head: number): void {
    this.#lines.set(accountId(key), { is: this.#lines.get(accountId(key))?.is ?? 'coming', head })
  }

  /** The number up to which the journal must be taken over; null while it is unknown, and after it is done. */
  due(key: AccountKey): number | null {
    return this.#lines.get(accountId(key))?.head ?? null
  }

  /** The journal has been taken over up to this number. */
  done(key: AccountKey, head: number): void {
    if (this.due(key) === head) this.#lines.set(accountId(key), { is: 'caught_up', head: null })
  }

  /** Whether an account's whole backlog has been taken over. */
  isCaughtUp(key: AccountKey): boolean {
    return (this.#lines.get(accountId(key))?.is ?? 'caught_up') === 'caught_up'
  }

  /** Until when the turn of a message that arrives now waits at most; null if it does not wait. */
  heldUntil(key: AccountKey, waited: boolean): number | null {
    const { is } = this.#lines.get(accountId(key)) ?? { is: 'caught_up' }
    const waits = is === 'down' || (is === 'coming' && waited)
    return waits ? Date.now() + BACKLOG_PATIENCE_MS : null
  }
}
