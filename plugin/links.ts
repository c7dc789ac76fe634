import type { Accounts } from './accounts.ts'
import { accountOf } from './accounts.ts'
import type { Environment, Settings } from './config.ts'
import { readSettings } from './config.ts'
import type { ConfigureRequest } from './contract/api.ts'
import type { PairingState } from './contract/connection.ts'
import { ChannelError, asChannelError } from './contract/errors.ts'
import type { Host } from './contract/host.ts'
import type { AccountKey, OrgId, Phone } from './contract/ids.ts'
import { parsePhone } from './contract/ids.ts'
import type { Inbox } from './inbox.ts'
import type { Line } from './line.ts'
import type { Outbox } from './outbox.ts'
import type { Pairings } from './pairings.ts'
import { configureAccount, findAccount, removeAccount } from './store/accounts.ts'
import { resetCursor } from './store/cursors.ts'
import type { Store } from './store/database.ts'
import { Turnstile } from './turnstile.ts'

const FIRST_CODE_MS = 20_000

/** The settings in force; a reload replaces them. */
export type SettingsInForce = { current: Settings }

/** What the links are made with. */
export type LinkParts = {
  readonly host: Host
  readonly environment: Environment
  readonly settings: SettingsInForce
  readonly store: Store
  readonly line: Pick<Line, 'start' | 'call' | 'reconfigure'>
  readonly accounts: Accounts
  readonly pairings: Pairings
  readonly inbox: Inbox
  readonly outbox: Outbox
}

/** The orgs' links to WhatsApp: made, asked, connected anew, given up. What changes one link happens one after the other. */
export class Links {
  readonly #parts: LinkParts
  readonly #turnstile = new Turnstile()

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  configure(org: OrgId, { fields }: ConfigureRequest): Promise<void> {
    const { line, store, accounts } = this.#parts
    const key = accountOf(org)
    return this.#turnstile.alone(org, async () => {
      await line.start()
      const account = { displayName: fields.display_name ?? null }
      await store.transaction(transaction => configureAccount(transaction, key, account))
      const { phone } = await accounts.require(org)
      accounts.configuredNow(key, phone)
      await this.#open(key)
    })
  }

  /** Unlinks at WhatsApp, once what its journal holds was taken over; the file with the keys is gone afterwards. */
  unpair(org: OrgId): Promise<{ unlinked: boolean }> {
    const { line, store, accounts, pairings, inbox, outbox } = this.#parts
    const key = accountOf(org)
    return this.#turnstile.alone(org, async () => {
      await accounts.require(org)
      await line.start()
      await line.call('account.open', key)
      await inbox.wake(key)
      const { unlinked } = await line.call('account.unlink', key)
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

  /** Nothing changes when the settings cannot be read. */
  reload(): Promise<void> {
    const { settings, line, accounts, outbox } = this.#parts
    return this.#turnstile.everybody(async () => {
      const read = await this.#readSettings()
      settings.current = read
      const configured = await accounts.configured()
      for (const key of configured) outbox.disconnected(key)
      await Promise.all(configured.map(key => this.#close(key)))
      await line.reconfigure(read.qrTimes)
      await Promise.all(configured.map(key => this.#open(key)))
    })
  }

  async test(org: OrgId): Promise<{ phone: Phone }> {
    const { line, accounts } = this.#parts
    await accounts.require(org)
    const { phone } = await line.call('account.ping', accountOf(org))
    const parsed = parsePhone(phone)
    if (!parsed) throw new ChannelError('internal')
    return { phone: parsed }
  }

  /** Begins a pairing; the gateway says whether the account can be paired now. */
  async startPairing(org: OrgId): Promise<{ session: string; state: PairingState }> {
    const { line, accounts, pairings } = this.#parts
    const key = accountOf(org)
    const session = await this.#turnstile.alone(org, async () => {
      await accounts.require(org)
      await line.start()
      const begun = pairings.begin(key)
      try {
        await line.call('pairing.start', { ...key, session: begun })
      } catch (error) {
        pairings.expire(key, 'pairing_ended')
        throw error
      }
      return begun
    })
    const state = await pairings.first(org, session, FIRST_CODE_MS)
    if (state && state.status !== 'expired') return { session, state }
    if (!state) await line.call('pairing.stop', { ...key, session }).catch(() => undefined)
    throw new ChannelError('gateway_unreachable')
  }

  async confirm(org: OrgId): Promise<void> {
    const { store, inbox } = this.#parts
    const account = await findAccount(store.connection, accountOf(org))
    if (account?.phone) await inbox.confirmLink(accountOf(org), account.phone)
  }

  /** The gateway has come up and has no account open: opens those that are still configured when it is their turn. */
  async openAll(): Promise<void> {
    const { accounts, store } = this.#parts
    const open = async (key: AccountKey): Promise<void> => {
      if (await findAccount(store.connection, key)) await this.#open(key)
    }
    const configured = await accounts.configured()
    await Promise.all(configured.map(key => this.#turnstile.alone(key.org, () => open(key))))
  }

  async #readSettings(): Promise<Settings> {
    const { host, environment } = this.#parts
    const written = await host.settings().catch((error: unknown) => {
      host.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'settings not read')
      throw new ChannelError('bad_settings', 'The settings cannot be read. Mend them and reload again.')
    })
    return readSettings(written, environment)
  }

  /** A gateway that cannot be reached now opens the account when it is back. */
  async #open({ org, account }: AccountKey): Promise<void> {
    const { line, inbox, host } = this.#parts
    try {
      await line.call('account.open', { org, account })
      void inbox.wake({ org, account })
    } catch (error) {
      host.log.warn({ org, account, code: asChannelError(error).code }, 'account not opened')
    }
  }

  async #close({ org, account }: AccountKey): Promise<void> {
    const { line, host } = this.#parts
    try {
      await line.call('account.close', { org, account })
    } catch (error) {
      host.log.warn({ org, account, code: asChannelError(error).code }, 'account not closed')
    }
  }
}
