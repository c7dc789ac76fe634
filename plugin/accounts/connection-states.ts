import { Watchable } from '../base/watchable.ts'
import { isUp, type ConnectionState } from '../contract/connection.ts'
import type { Log } from '../contract/host.ts'
import { accountId, type AccountKey } from '../contract/ids.ts'
import type { Problem } from '../contract/problem.ts'

const LOST: ReadonlySet<ConnectionState['status']> = new Set(['waiting', 'degraded', 'stopped'])

function levelOf({ status }: ConnectionState): 'info' | 'warn' | 'error' {
  if (status === 'stopped') return 'error'
  return status === 'waiting' || status === 'degraded' ? 'warn' : 'info'
}

/**
 * A problem of the channel shows as the state of a connected link. A full disk also shows where it is the reason why a link has a
 * storage failure.
 */
function withProblem(state: ConnectionState, problem: Problem | null): ConnectionState {
  if (!problem) return state
  if (state.status === 'connected') return { ...state, status: 'degraded', reason: problem.code, permanent: false }
  const isStorage = state.status === 'degraded' && state.reason === 'storage'
  return isStorage && problem.code === 'disk_full' ? { ...state, reason: 'disk_full' } : state
}

/** The states of the accounts' links as they are shown to callers and watchers. */
export class ConnectionStates {
  readonly #log: Log
  readonly #problemOf: (key: AccountKey) => Problem | null
  readonly #shown = new Map<string, Watchable<ConnectionState>>()
  /** The states of the configured accounts as the gateway reported them. */
  readonly #told = new Map<string, { readonly key: AccountKey; readonly state: ConnectionState }>()
  /** The reason for being disconnected that was last logged for each account. */
  readonly #logged = new Map<string, string>()
  #ended = false

  /** `problemOf`: the gravest current problem of an account; null if it has none. */
  constructor(log: Log, problemOf: (key: AccountKey) => Problem | null) {
    this.#log = log
    this.#problemOf = problemOf
  }

  of(key: AccountKey): ConnectionState {
    return this.#broadcast(key).value
  }

  /** All configured accounts. */
  get configured(): readonly AccountKey[] {
    return [...this.#told.values()].map(({ key }) => key)
  }

  show(key: AccountKey, state: ConnectionState): void {
    const { org, account } = key
    if (state.status === 'not_configured') {
      this.#told.delete(accountId(key))
      this.#logged.delete(accountId(key))
    } else this.#told.set(accountId(key), { key: { org, account }, state })
    this.#broadcast(key).publish(withProblem(state, this.#problemOf(key)))
  }

  /** The problems beside the links have changed. */
  problemsChanged(): void {
    for (const { key, state } of this.#told.values()) {
      const shown = this.#broadcast(key)
      const now = withProblem(state, this.#problemOf(key))
      if (JSON.stringify(now) !== JSON.stringify(shown.value)) shown.publish(now)
    }
  }

  /** Logs each change once: a connection that is retried again and again for one reason is logged once. */
  log(key: AccountKey, state: ConnectionState): void {
    const reason = ('reason' in state && state.reason) || null
    const word = LOST.has(state.status) ? `${state.status} ${reason}` : null
    const isKnown = word !== null && this.#logged.get(accountId(key)) === word
    if (word !== null) this.#logged.set(accountId(key), word)
    else if (isUp(state)) this.#logged.delete(accountId(key))
    const level = isKnown || state.status === 'connecting' ? 'debug' : levelOf(state)
    this.#log[level]({ org: key.org, account: key.account, status: state.status, reason }, 'connection')
  }

  async *watch(key: AccountKey, signal: AbortSignal): AsyncGenerator<ConnectionState, void, undefined> {
    const shown = this.#broadcast(key)
    try {
      yield* shown.watch(signal)
    } finally {
      // A caller who may watch may invent account names, so their entries are removed.
      if (!shown.isWatched && shown.value.status === 'not_configured') this.#shown.delete(accountId(key))
    }
  }

  /** Ends every watcher. */
  end(): void {
    this.#ended = true
    for (const shown of this.#shown.values()) shown.end()
  }

  #broadcast(key: AccountKey): Watchable<ConnectionState> {
    const name = accountId(key)
    const known = this.#shown.get(name)
    if (known) return known
    const shown = new Watchable<ConnectionState>({ status: 'not_configured' })
    if (this.#ended) shown.end()
    this.#shown.set(name, shown)
    return shown
  }
}
