import { isUp, type ConnectionState } from '../contract/connection.ts'
import { accountId, type AccountKey } from '../contract/ids.ts'

/** So long a turn, or an answer from before, waits at most for what waits at WhatsApp: part of that may never come, and no connection may come up. */
export const BACKLOG_PATIENCE_MS = 600_000

/** What is known of an account's connection. `down`: what comes in from the journal is older than the next one. */
type Line = { readonly is: 'down' | 'coming' | 'caught_up'; readonly head: number | null }

const DOWN: Line = { is: 'down', head: null }

/** Whether nothing comes of what waits at WhatsApp, because the account is not linked any more. */
const isUnlinked = (state: ConnectionState): boolean =>
  state.status === 'not_paired' || (state.status === 'stopped' && state.reason === 'logged_out')

/**
 * How far accounts have caught up with what waited for them: what somebody wrote in the meantime is to be known before an older question
 * is answered. An account of which nothing was told has nothing to catch up with.
 */
export class BacklogWait {
  readonly #lines = new Map<string, Line>()

  /** All that is known of the account is older than its next connection. */
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

  /** All that waited is in the journal, up to this number. */
  told(key: AccountKey, head: number): void {
    this.#lines.set(accountId(key), { is: this.#lines.get(accountId(key))?.is ?? 'coming', head })
  }

  /** Up to where the journal has to be taken over; null while that is not told, and once it is done. */
  due(key: AccountKey): number | null {
    return this.#lines.get(accountId(key))?.head ?? null
  }

  /** The journal is taken over so far. */
  done(key: AccountKey, head: number): void {
    if (this.due(key) === head) this.#lines.set(accountId(key), { is: 'caught_up', head: null })
  }

  /** Whether all that waited for an account is taken over. */
  isCaughtUp(key: AccountKey): boolean {
    return (this.#lines.get(accountId(key))?.is ?? 'caught_up') === 'caught_up'
  }

  /** Until when the turn of a message waits at most that comes in now; null: it does not. */
  heldUntil(key: AccountKey, waited: boolean): number | null {
    const { is } = this.#lines.get(accountId(key)) ?? { is: 'caught_up' }
    const waits = is === 'down' || (is === 'coming' && waited)
    return waits ? Date.now() + BACKLOG_PATIENCE_MS : null
  }
}
