import { wireConnection, wireVersion } from '../views/api-state.ts'
import type { WireAccount, WireChannel } from '../contract/api/channels.ts'
import { isUp, type Backlog, type ConnectionState } from '../contract/connection.ts'
import { healthOf, type LineEvidence } from './health.ts'
import { accountId, type AccountKey, DEFAULT_ACCOUNT, type OrgId, type Phone } from '../contract/ids.ts'
import type { ConnectionStates } from './connection-states.ts'
import type { ClientVersion, WebVersion } from '../contract/web-version.ts'
import {
  claimNumber,
  findAccount,
  listAccounts,
  listAccountsOf,
  releaseNumber,
  requireAccount,
  type StoredAccount,
} from '../store/accounts/accounts.ts'
import { countBindings } from '../store/accounts/bindings.ts'
import type { Store } from '../store/database.ts'
import { heldBack } from '../store/sends/account-health.ts'
import { noteExpiration } from '../store/accounts/web-versions.ts'

/** By when the supervisor will have made its first restart attempt, in ms. The supervisor reports the actual time itself. */
const GATEWAY_BACK_MS = 2_000

const isUnlinked = (state: ConnectionState): boolean =>
  state.status === 'not_paired' || (state.status === 'stopped' && state.reason === 'logged_out')

const instant = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString())

/**
 * What became of a state that the gateway reported; `number_in_use`: the account is connected with a number that belongs to another
 * account.
 */
export type Observed = 'shown' | 'not_configured' | 'number_in_use'

/** The orgs' accounts and the states of their links, as the gateway reports them. */
export class Accounts {
  readonly #store: Store
  readonly #links: ConnectionStates
  /** For each account whose connection something is known about: since when it has its state, and when WhatsApp was last heard. */
  readonly #proofs = new Map<string, Omit<LineEvidence, 'state'>>()
  /** The progress of each account's backlog, while more of it is expected. */
  readonly #backlogs = new Map<string, Backlog>()
  /** Accounts that must lose the number they connected with, or have lost it. */
  readonly #refusals = new Map<string, 'due' | 'done'>()
  /** The version announced to WhatsApp; null before the first connection. */
  #version: ClientVersion | null = null

  constructor(store: Store, links: ConnectionStates) {
    this.#store = store
    this.#links = links
  }

  /** Loads the configured accounts. Until the gateway reports more, linked accounts count as connecting. */
  async open(): Promise<StoredAccount[]> {
    const accounts = await this.configured()
    for (const account of accounts) this.configuredNow(account, account.phone)
    return accounts
  }

  configured(): Promise<StoredAccount[]> {
    return listAccounts(this.#store.connection)
  }

  /** The accounts of an org whose connection is up. */
  async connected(org: OrgId): Promise<StoredAccount[]> {
    const accounts = await listAccountsOf(this.#store.connection, org)
    return accounts.filter(key => isUp(this.state(key)))
  }

  /** @throws ChannelError `channel_not_configured` */
  require(key: AccountKey): Promise<StoredAccount> {
    return requireAccount(this.#store.connection, key)
  }

  /** Shows an account's first state, before the gateway has reported any. */
  configuredNow(key: AccountKey, phone: Phone | null): void {
    if (this.state(key).status !== 'not_configured') return
    this.#links.show(key, phone ? { status: 'connecting' } : { status: 'not_paired', reason: null })
  }

  state(key: AccountKey): ConnectionState {
    return this.#links.of(key)
  }

  watch(key: AccountKey, signal: AbortSignal): AsyncGenerator<ConnectionState, void, undefined> {
    return this.#links.watch(key, signal)
  }

  /** Stores what a state implies for the link, and only then shows it. */
  async observe(key: AccountKey, state: ConnectionState): Promise<Observed> {
    if (!(await findAccount(this.#store.connection, key))) return 'not_configured'
    if (isUp(state) && !isUp(this.state(key))) {
      const isOurs = await this.#store.transaction(transaction => claimNumber(transaction, key, state.phone))
      if (!isOurs) {
        this.#refusals.set(accountId(key), 'due')
        return 'number_in_use'
      }
    }
    if (isUnlinked(state)) await this.#store.transaction(transaction => releaseNumber(transaction, key))
    if (state.status !== 'not_paired') this.#refusals.delete(accountId(key))
    this.#links.log(key, state)
    this.#show(key, state)
    return 'shown'
  }

  /** WhatsApp has sent something on an account's connection. */
  heard(key: AccountKey, at: number): void {
    this.#proofs.set(accountId(key), { ...this.#proof(key), heardAt: at })
  }

  /** The gateway reports an account's backlog; null if nothing more is expected. */
  backlogged(key: AccountKey, backlog: Backlog | null): void {
    if (backlog) this.#backlogs.set(accountId(key), backlog)
    else this.#backlogs.delete(accountId(key))
  }

  /** The backlog that is still expected for an account; null if there is none. */
  backlog(key: AccountKey): Backlog | null {
    return this.#backlogs.get(accountId(key)) ?? null
  }

  /** The version that the gateway announces to WhatsApp from now on. */
  announced(version: ClientVersion): void {
    this.#version = version
  }

  /** WhatsApp has told an account until when it accepts this version; null if it no longer says so. */
  async expires(key: AccountKey, expiration: { version: WebVersion; expiresAt: number | null }): Promise<void> {
    await this.#store.transaction(transaction => noteExpiration(transaction, key, expiration))
  }

  /** When WhatsApp will refuse the announced version: the earliest date that any account was told; null if unknown. */
  async firstExpiry(): Promise<{ version: WebVersion; at: number } | null> {
    const told = (await this.configured()).flatMap(account => this.#expiryOf(account) ?? [])
    return told.toSorted((one, other) => one.at - other.at)[0] ?? null
  }

  /** The same for one account; ms UTC. */
  async expiryOf(key: AccountKey): Promise<number | null> {
    const account = await findAccount(this.#store.connection, key)
    return (account && this.#expiryOf(account)?.at) ?? null
  }

  /** Whether the account, as far as known, is connected with a number that belongs to another account. */
  isToBeRefused(key: AccountKey): boolean {
    return this.#refusals.get(accountId(key)) === 'due'
  }

  /** The account has lost the number it connected with. */
  refused(key: AccountKey): void {
    this.#refusals.set(accountId(key), 'done')
    this.#show(key, { status: 'not_paired', reason: null })
  }

  /** The account is no longer configured. */
  removed(key: AccountKey): void {
    this.#refusals.delete(accountId(key))
    this.#proofs.delete(accountId(key))
    this.#backlogs.delete(accountId(key))
    this.#links.show(key, { status: 'not_configured' })
  }

  /** The gateway is down, so no account is connected until it is back. */
  gatewayDown(): void {
    const down = {
      status: 'waiting',
      reason: 'gateway_down',
      permanent: false,
      retryAt: Date.now() + GATEWAY_BACK_MS,
    } as const
    this.#backlogs.clear()
    for (const key of this.#links.configured) {
      this.#proofs.set(accountId(key), { ...this.#proof(key), changedAt: Date.now() })
      this.#links.show(key, down)
    }
  }

  async catalog(org: OrgId): Promise<Omit<WireChannel, 'named_numbers' | 'problems' | 'retention'>[]> {
    const { connection, clock } = this.#store
    await clock.settle()
    const accounts: WireAccount[] = []
    for (const stored of await listAccountsOf(connection, org)) accounts.push(await this.#shown(stored))
    const first = accounts.find(({ account }) => account === DEFAULT_ACCOUNT) ?? accounts[0]
    return [
      {
        channel: 'whatsapp',
        display_name: first?.display_name ?? null,
        configured: first !== undefined,
        connection: first?.connection ?? wireConnection({ status: 'not_configured' }),
        last_connected_at: first?.last_connected_at ?? null,
        new_chats_locked_until: first?.new_chats_locked_until ?? null,
        web_version: first?.web_version ?? null,
        client_expires_at: first?.client_expires_at ?? null,
        backlog: first?.backlog ?? null,
        bindings: await countBindings(connection, org),
        accounts,
      },
    ]
  }

  /** Ends every watcher. */
  end(): void {
    this.#links.end()
  }

  async #shown(stored: StoredAccount): Promise<WireAccount> {
    const { org, account, displayName, phone, lastConnectedAt } = stored
    const key = { org, account }
    const { connection } = this.#store
    const held = await heldBack(connection, key)
    const { lockedUntil } = held
    const isLocked = lockedUntil !== null && lockedUntil > Date.now()
    const state = this.state(key)
    return {
      account,
      phone,
      display_name: displayName,
      connection: wireConnection(state),
      last_connected_at: instant(lastConnectedAt),
      new_chats_locked_until: isLocked ? instant(lockedUntil) : null,
      web_version: this.#version && wireVersion(this.#version),
      client_expires_at: instant(this.#expiryOf(stored)?.at ?? null),
      backlog: this.backlog(key),
      health: await healthOf(connection, key, { ...held, ...this.#proof(key), state }),
    }
  }

  /** A date for another version than the one WhatsApp has accepted since no longer matters. */
  #expiryOf({ expiringVersion, clientExpiresAt }: StoredAccount): { version: WebVersion; at: number } | null {
    if (expiringVersion === null || clientExpiresAt === null) return null
    const inUse = this.#version?.accepted?.version ?? expiringVersion
    return inUse === expiringVersion ? { version: expiringVersion, at: clientExpiresAt } : null
  }

  #proof(key: AccountKey): Omit<LineEvidence, 'state'> {
    return this.#proofs.get(accountId(key)) ?? { changedAt: null, heardAt: null }
  }

  /** If the account's file was created again because its last link was refused, the reason is kept. */
  #show(key: AccountKey, state: ConnectionState): void {
    const wasRefused = state.status === 'not_paired' && state.reason === null && this.#refusals.has(accountId(key))
    this.#proofs.set(accountId(key), { ...this.#proof(key), changedAt: Date.now() })
    this.#links.show(key, wasRefused ? { status: 'not_paired', reason: 'number_in_use' } : state)
  }
}
