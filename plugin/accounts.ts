import { wireConnection } from './api/wire-state.ts'
import { Broadcast } from './broadcast.ts'
import type { WireChannel } from './contract/api.ts'
import type { ConnectionState } from './contract/connection.ts'
import { ChannelError } from './contract/errors.ts'
import type { Log } from './contract/host.ts'
import type { AccountKey, OrgId, Phone } from './contract/ids.ts'
import { DEFAULT_ACCOUNT } from './contract/ids.ts'
import type { StoredAccount } from './store/accounts.ts'
import { findAccount, listAccounts, noteLink } from './store/accounts.ts'
import { countBindings } from './store/bindings.ts'
import type { Store } from './store/database.ts'
import { findTimeLock } from './store/time-locks.ts'

/** When the supervisor will have tried again at the latest for the first time; it says the real time itself. */
const GATEWAY_BACK_MS = 2_000

/** The account that a request of this org means. */
export function accountOf(org: OrgId): AccountKey {
  return { org, account: DEFAULT_ACCOUNT }
}

/** Which number a state says is linked: null for none, undefined when it says nothing about it. */
function linkIn(state: ConnectionState): Phone | null | undefined {
  if (state.status === 'connected') return state.phone
  if (state.status === 'not_paired') return null
  return state.status === 'stopped' && state.reason === 'logged_out' ? null : undefined
}

/** The orgs' accounts and the states of their links, as the gateway tells them. */
export class Accounts {
  readonly #store: Store
  readonly #log: Log
  readonly #states = new Map<string, Broadcast<ConnectionState>>()
  #ended = false

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** The configured accounts; until the gateway says more, those that were linked count as connecting. */
  async open(): Promise<StoredAccount[]> {
    const accounts = await this.configured()
    for (const account of accounts) this.configuredNow(account, account.phone)
    return accounts
  }

  configured(): Promise<StoredAccount[]> {
    return listAccounts(this.#store.connection)
  }

  /** @throws ChannelError `channel_not_configured` */
  async require(org: OrgId): Promise<StoredAccount> {
    const account = await findAccount(this.#store.connection, accountOf(org))
    if (!account) throw new ChannelError('channel_not_configured')
    return account
  }

  /** The state before the gateway has said anything. */
  configuredNow(key: AccountKey, phone: Phone | null): void {
    const state = this.#state(key)
    if (state.value.status !== 'not_configured') return
    state.publish(phone ? { status: 'connecting' } : { status: 'not_paired', reason: null })
  }

  state(key: AccountKey): ConnectionState {
    return this.#state(key).value
  }

  watch(org: OrgId, signal: AbortSignal): AsyncIterable<ConnectionState> {
    return this.#state(accountOf(org)).watch(signal)
  }

  /** Keeps what a state says about the link, and only then shows it. False for an account that is not configured. */
  async observe(key: AccountKey, state: ConnectionState): Promise<boolean> {
    if (!(await findAccount(this.#store.connection, key))) return false
    const phone = linkIn(state)
    if (phone !== undefined) await this.#store.transaction(transaction => noteLink(transaction, key, phone))
    const reason = 'reason' in state ? state.reason : null
    this.#log.info({ org: key.org, account: key.account, status: state.status, reason }, 'connection')
    this.#state(key).publish(state)
    return true
  }

  /** The account is not configured any more. */
  removed(key: AccountKey): void {
    this.#state(key).publish({ status: 'not_configured' })
  }

  /** The gateway is down: nobody is connected until it is back. */
  gatewayDown(): void {
    const down = {
      status: 'waiting',
      reason: 'gateway_down',
      permanent: false,
      retryAt: Date.now() + GATEWAY_BACK_MS,
    } as const
    for (const state of this.#states.values()) {
      if (state.value.status !== 'not_configured') state.publish(down)
    }
  }

  async catalog(org: OrgId): Promise<WireChannel[]> {
    const { connection, clock } = this.#store
    const key = accountOf(org)
    const account = await findAccount(connection, key)
    const lastConnectedAt = account?.lastConnectedAt ?? null
    await clock.settle()
    const lockedUntil = await findTimeLock(connection, key)
    const isLocked = lockedUntil !== null && lockedUntil > Date.now()
    return [
      {
        channel: 'whatsapp',
        display_name: account?.displayName ?? null,
        configured: account !== undefined,
        connection: wireConnection(this.state(key)),
        last_connected_at: lastConnectedAt === null ? null : new Date(lastConnectedAt).toISOString(),
        new_chats_locked_until: isLocked ? new Date(lockedUntil).toISOString() : null,
        bindings: await countBindings(connection, org),
      },
    ]
  }

  /** Ends every watcher. */
  end(): void {
    this.#ended = true
    for (const state of this.#states.values()) state.end()
  }

  #state(key: AccountKey): Broadcast<ConnectionState> {
    const name = `${key.org}/${key.account}`
    const known = this.#states.get(name)
    if (known) return known
    const state = new Broadcast<ConnectionState>({ status: 'not_configured' })
    if (this.#ended) state.end()
    this.#states.set(name, state)
    return state
  }
}
