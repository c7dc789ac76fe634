import type { Accounts } from './accounts.ts'
import type { Environment } from '../config/environment.ts'
import { readSettings, type Settings } from '../config/settings.ts'
import type { ConfigureRequest } from '../contract/api/channels.ts'
import type { DisconnectReason } from '../contract/connection.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { unreachable } from '../contract/errors/unreachable.ts'
import type { Host } from '../contract/host.ts'
import { accountId, type AccountKey, type OrgId, parsePhone, type Phone } from '../contract/ids.ts'
import type { BegunPairing } from '../contract/api/pairing.ts'
import type { PasskeyOutcome } from '../contract/passkey.ts'
import { PINNED_REFUSED } from '../contract/web-version.ts'
import type { PairingSessions } from './pairing-sessions.ts'
import {
  closeJournal,
  configureAccount,
  findAccount,
  releaseNumber,
  removeAccount,
} from '../store/accounts/accounts.ts'
import { resetCursor } from '../store/accounts/journal-cursors.ts'
import type { Store } from '../store/database.ts'
import type { SettingsInForce } from '../config/settings-in-force.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'

const FIRST_CODE_MS = 20_000

/** Reasons with which WhatsApp refuses before it gives a code, and which it would give again for a retry. */
const REFUSALS: ReadonlySet<DisconnectReason> = new Set([
  'locked',
  'banned',
  'temporary_ban',
  'client_refused',
  'logged_out',
  'multidevice_mismatch',
  'pairing_refused',
  'passkey_required',
  'passkey_refused',
  'passkey_unreadable',
])

type GatewaySettings = Pick<Settings, 'qrTimes' | 'webVersion'>

/** The gateway process with the settings it is started with. */
type GatewayProcess = Gateway & {
  start(): Promise<void>
  /** Whether these settings need a new gateway process. */
  needsAnother(settings: GatewaySettings): boolean
  /** Puts the settings into force. Resolves with true if that needed a new process. */
  reconfigure(settings: GatewaySettings): Promise<boolean>
}

/** What managing the links needs. */
export type AccountLifecycleParts = {
  readonly host: Host
  readonly environment: Environment
  readonly settings: SettingsInForce
  readonly store: Store
  readonly gateway: GatewayProcess
  readonly accounts: Accounts
  readonly pairings: PairingSessions
  /** `wake` resolves when everything in the account's journal was taken over. */
  readonly inbox: {
    wake(key: AccountKey): Promise<void>
    confirmLink(key: AccountKey, phone: Phone): Promise<void>
  }
  readonly outbox: { disconnected(key: AccountKey): void }
  /** Called when the gateway has opened the account's file. */
  readonly onOpened: (key: AccountKey) => void
}

/**
 * Manages the accounts' links to WhatsApp: creates, tests, reconnects and removes them. Changes of one link run one after the
 * other.
 */
export class AccountLifecycle {
  readonly #parts: AccountLifecycleParts
  readonly #mutex = new KeyedMutex()

  constructor(parts: AccountLifecycleParts) {
    this.#parts = parts
  }

  configure(key: AccountKey, { fields }: ConfigureRequest): Promise<void> {
    const { gateway, store, accounts } = this.#parts
    return this.#mutex.run(accountId(key), async () => {
      await gateway.start()
      const account = { displayName: fields.display_name ?? null }
      await store.transaction(transaction => configureAccount(transaction, key, account))
      const { phone } = await accounts.require(key)
      accounts.configuredNow(key, phone)
      await this.#open(key)
    })
  }

  /**
   * Unlinks the account at WhatsApp, after everything in its journal was taken over. Afterwards the file with its keys is deleted.
   */
  unpair(key: AccountKey): Promise<{ unlinked: boolean }> {
    const { gateway, store, accounts, pairings, inbox, outbox } = this.#parts
    return this.#mutex.run(accountId(key), async () => {
      await accounts.require(key)
      await gateway.start()
      await gateway.call('account.open', key)
      await inbox.wake(key)
      const { unlinked } = await gateway.call('account.unlink', key)
      await store.transaction(async transaction => {
        await removeAccount(transaction, key)
        await resetCursor(transaction, key)
      })
      outbox.disconnected(key)
      pairings.expire(key, 'pairing_ended')
      accounts.removed(key)
      return { unlinked }
    })
  }

  /**
   * Reloads all orgs; only the host may. Nothing changes if the settings cannot be read. Returns the accounts that were
   * reconnected.
   */
  reloadAll(): Promise<AccountKey[]> {
    return this.#mutex.runExclusive(async () => {
      const read = await this.#readSettings()
      this.#parts.settings.take(read)
      return this.#reconnectAll(read)
    })
  }

  /**
   * Reloads one org: its settings and its connections. `host`: also the settings that belong to no org. If those need a new
   * gateway, all accounts are reconnected. Nothing changes if the settings cannot be read. Returns the accounts that were
   * reconnected.
   */
  async reload(org: OrgId, { host }: { readonly host: boolean }): Promise<AccountKey[]> {
    const { settings, gateway, accounts } = this.#parts
    const read = await this.#readSettings()
    settings.takeFor(org, read)
    if (host) {
      settings.takeHost(read)
      if (gateway.needsAnother(read)) return this.#mutex.runExclusive(() => this.#reconnectAll(read))
      // If no gateway runs yet, the first one will start with these settings.
      await gateway.reconfigure(read)
    }
    const own = (await accounts.configured()).filter(key => key.org === org)
    await Promise.all(own.map(key => this.#mutex.run(accountId(key), () => this.#reconnect(key))))
    return own
  }

  async test(key: AccountKey): Promise<{ phone: Phone }> {
    const { gateway, accounts } = this.#parts
    await accounts.require(key)
    const { phone } = await gateway.call('account.ping', key)
    const parsed = parsePhone(phone)
    if (!parsed) throw new ChannelError('internal')
    return { phone: parsed }
  }

  /** Begins a pairing. The gateway decides whether the account can be paired now. */
  startPairing(key: AccountKey): Promise<BegunPairing> {
    return this.#pair(key, session => this.#parts.gateway.call('pairing.start', { ...key, session }))
  }

  /** The same with a code that is typed on the phone of this number. */
  startCodePairing(key: AccountKey, phone: Phone): Promise<BegunPairing> {
    return this.#pair(key, session => this.#parts.gateway.call('pairing.start_code', { ...key, session, phone }))
  }

  /** Passes on a person's answer to the passkey request of this pairing's account. */
  async answerPasskey(org: OrgId, session: string, assertion: string): Promise<PasskeyOutcome> {
    const { gateway, pairings } = this.#parts
    const { account, state } = pairings.state(org, session)
    if (state.status !== 'pending') return { outcome: 'not_awaited' }
    return gateway.call('pairing.passkey', { org, account, session, assertion })
  }

  /** A person confirms that the phone shows the same code as this pairing. Returns false if no code is being compared. */
  async confirmPasskey(org: OrgId, session: string): Promise<boolean> {
    const { gateway, pairings } = this.#parts
    const { account, state } = pairings.state(org, session)
    if (state.status !== 'pending') return false
    return (await gateway.call('pairing.passkey_confirm', { org, account, session })).done
  }

  async #pair(key: AccountKey, begin: (session: string) => Promise<null>): Promise<BegunPairing> {
    const { gateway, accounts, pairings } = this.#parts
    const session = await this.#mutex.run(accountId(key), async () => {
      await accounts.require(key)
      await gateway.start()
      const begun = pairings.begin(key)
      try {
        await begin(begun)
        await this.#closeJournal(key)
      } catch (error) {
        pairings.expire(key, 'pairing_ended')
        await gateway.call('pairing.stop', { ...key, session: begun }).catch(() => undefined)
        throw error
      }
      return begun
    })
    const state = await pairings.first(key.org, session, FIRST_CODE_MS)
    if (state && state.status !== 'expired') return { session, state }
    if (state?.status === 'expired' && state.reason === 'client_outdated') throw this.#outdated()
    if (!state) await gateway.call('pairing.stop', { ...key, session }).catch(() => undefined)
    throw state && REFUSALS.has(state.reason) ? new ChannelError('pairing_refused') : unreachable('no_network')
  }

  /** The number that was just linked belongs to another account. Its device is removed at WhatsApp, and its keys are destroyed. */
  async refuse(key: AccountKey): Promise<void> {
    const { host, accounts, pairings } = this.#parts
    const { org, account } = key
    const session = pairings.underWay(key)
    try {
      await this.#mutex.run(accountId(key), async () => {
        // If the connection was lost before, it comes back, and is checked again then.
        if (accounts.isToBeRefused(key)) await this.#removeLink(key)
      })
    } catch (error) {
      host.log.warn({ org, account, ...errorFields(error) }, 'number in use not unlinked yet')
    } finally {
      if (session !== null) pairings.observe(key, session, { status: 'conflict' })
    }
  }

  /** A person who may pair was shown that this number is linked. */
  async confirm(key: AccountKey, phone: Phone): Promise<void> {
    const { store, inbox } = this.#parts
    const account = await findAccount(store.connection, key)
    if (account?.phone === phone) await inbox.confirmLink(key, phone)
  }

  /** The gateway has started and has no account open. Opens the accounts that are still configured when their turn comes. */
  async openAll(): Promise<void> {
    const { accounts, store } = this.#parts
    const open = async (key: AccountKey): Promise<void> => {
      if (await findAccount(store.connection, key)) await this.#open(key)
    }
    const configured = await accounts.configured()
    await Promise.all(configured.map(key => this.#mutex.run(accountId(key), () => open(key))))
  }

  async #removeLink(key: AccountKey): Promise<void> {
    const { host, gateway, store, accounts, outbox } = this.#parts
    const { unlinked } = await gateway.call('account.unlink', key)
    await store.transaction(async transaction => {
      await releaseNumber(transaction, key)
      await resetCursor(transaction, key)
    })
    outbox.disconnected(key)
    accounts.refused(key)
    host.log.warn({ org: key.org, account: key.account, unlinked }, 'number in use unlinked')
    await this.#open(key)
  }

  /** A pinned version is never overridden automatically, so a person has to change it. */
  #outdated(): ChannelError {
    const { webVersion } = this.#parts.settings.host
    return new ChannelError('client_outdated', ...(webVersion === null ? [] : [PINNED_REFUSED]))
  }

  /** The messages of the earlier link are taken over before another number can be linked. */
  async #closeJournal(key: AccountKey): Promise<void> {
    const { store, inbox } = this.#parts
    await inbox.wake(key)
    await store.transaction(transaction => closeJournal(transaction, key))
  }

  async #readSettings(): Promise<Settings> {
    const { host, environment } = this.#parts
    const written = await host.settings().catch((error: unknown) => {
      host.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'settings not read')
      throw new ChannelError('bad_settings', 'The settings cannot be read. Correct them and reload again.')
    })
    return readSettings(written, environment)
  }

  async #reconnectAll(read: Settings): Promise<AccountKey[]> {
    const { gateway, accounts, outbox } = this.#parts
    const configured = await accounts.configured()
    for (const key of configured) outbox.disconnected(key)
    await Promise.all(configured.map(key => this.#close(key)))
    await gateway.reconfigure(read)
    await Promise.all(configured.map(key => this.#open(key)))
    return configured
  }

  async #reconnect(key: AccountKey): Promise<void> {
    this.#parts.outbox.disconnected(key)
    await this.#close(key)
    await this.#open(key)
  }

  /** If the gateway cannot be reached now, it opens the account when it is back. */
  async #open({ org, account }: AccountKey): Promise<void> {
    const { gateway, inbox, host, onOpened } = this.#parts
    try {
      await gateway.call('account.open', { org, account })
      onOpened({ org, account })
      void inbox.wake({ org, account })
    } catch (error) {
      host.log.warn({ org, account, ...errorFields(error) }, 'account not opened')
    }
  }

  async #close({ org, account }: AccountKey): Promise<void> {
    const { gateway, host } = this.#parts
    try {
      await gateway.call('account.close', { org, account })
    } catch (error) {
      host.log.warn({ org, account, ...errorFields(error) }, 'account not closed')
    }
  }
}
