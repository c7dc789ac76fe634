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

/** What WhatsApp says before it gives a code, and says again when it is asked again. */
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

/** The gateway with the settings that it is started with. */
type GatewayProcess = Gateway & {
  start(): Promise<void>
  /** Whether it takes a new gateway to put these settings into force. */
  needsAnother(settings: GatewaySettings): boolean
  /** Puts them into force; true when that took a new gateway. */
  reconfigure(settings: GatewaySettings): Promise<boolean>
}

/** What the links are made with. */
export type AccountLifecycleParts = {
  readonly host: Host
  readonly environment: Environment
  readonly settings: SettingsInForce
  readonly store: Store
  readonly gateway: GatewayProcess
  readonly accounts: Accounts
  readonly pairings: PairingSessions
  /** `wake` resolves when all that is in the account's journal was taken over. */
  readonly inbox: {
    wake(key: AccountKey): Promise<void>
    confirmLink(key: AccountKey, phone: Phone): Promise<void>
  }
  readonly outbox: { disconnected(key: AccountKey): void }
  /** The gateway has opened the account's file. */
  readonly onOpened: (key: AccountKey) => void
}

/** The accounts' links to WhatsApp: made, asked, reconnected, given up. What changes one link happens one after the other. */
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

  /** Unlinks at WhatsApp, once what its journal holds was taken over; the file with the keys is gone afterwards. */
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

  /** For all orgs, which is the host's alone. Nothing changes when the settings cannot be read. Who was connected again. */
  reloadAll(): Promise<AccountKey[]> {
    return this.#mutex.runExclusive(async () => {
      const read = await this.#readSettings()
      this.#parts.settings.take(read)
      return this.#reconnectAll(read)
    })
  }

  /**
   * For one org: its settings and its lines. `host`: also what is of no org. Where that takes a new gateway, all are connected again.
   * Nothing changes when the settings cannot be read. Who was connected again.
   */
  async reload(org: OrgId, { host }: { readonly host: boolean }): Promise<AccountKey[]> {
    const { settings, gateway, accounts } = this.#parts
    const read = await this.#readSettings()
    settings.takeFor(org, read)
    if (host) {
      settings.takeHost(read)
      if (gateway.needsAnother(read)) return this.#mutex.runExclusive(() => this.#reconnectAll(read))
      // Where there is no gateway yet, the first one begins with them.
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

  /** Begins a pairing; the gateway says whether the account can be paired now. */
  startPairing(key: AccountKey): Promise<BegunPairing> {
    return this.#pair(key, session => this.#parts.gateway.call('pairing.start', { ...key, session }))
  }

  /** The same by a code that is typed on the phone of this number. */
  startCodePairing(key: AccountKey, phone: Phone): Promise<BegunPairing> {
    return this.#pair(key, session => this.#parts.gateway.call('pairing.start_code', { ...key, session, phone }))
  }

  /** What a person answers to the passkey that the account of this pairing wants. */
  async answerPasskey(org: OrgId, session: string, assertion: string): Promise<PasskeyOutcome> {
    const { gateway, pairings } = this.#parts
    const { account, state } = pairings.state(org, session)
    if (state.status !== 'pending') return { outcome: 'not_awaited' }
    return gateway.call('pairing.passkey', { org, account, session, assertion })
  }

  /** The phone shows the code that this pairing shows; false when none is compared. */
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

  /** The number that was linked last is another account's: its device is removed again at WhatsApp, and its keys destroyed. */
  async refuse(key: AccountKey): Promise<void> {
    const { host, accounts, pairings } = this.#parts
    const { org, account } = key
    const session = pairings.underWay(key)
    try {
      await this.#mutex.run(accountId(key), async () => {
        // A line that was lost in the meantime comes back, and is asked about again.
        if (accounts.isToBeRefused(key)) await this.#removeLink(key)
      })
    } catch (error) {
      host.log.warn({ org, account, ...errorFields(error) }, 'number in use not unlinked yet')
    } finally {
      if (session !== null) pairings.observe(key, session, { status: 'conflict' })
    }
  }

  /** Somebody who may pair was shown that this number is linked. */
  async confirm(key: AccountKey, phone: Phone): Promise<void> {
    const { store, inbox } = this.#parts
    const account = await findAccount(store.connection, key)
    if (account?.phone === phone) await inbox.confirmLink(key, phone)
  }

  /** The gateway has come up and has no account open: opens those that are still configured when it is their turn. */
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

  /** What is pinned is never overruled, so a person has to. */
  #outdated(): ChannelError {
    const { webVersion } = this.#parts.settings.host
    return new ChannelError('client_outdated', ...(webVersion === null ? [] : [PINNED_REFUSED]))
  }

  /** What the earlier link received is taken over before another number may be scanned. */
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

  /** A gateway that cannot be reached now opens the account when it is back. */
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
