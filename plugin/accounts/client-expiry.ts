import type { Accounts } from './accounts.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'
import { DAY_MS, HOUR_MS } from '../base/durations.ts'
import { Repeat } from '../base/repeat.ts'

/** How long before WhatsApp stops accepting the client the log starts to warn, in ms. */
const NOTICE_MS = 14 * DAY_MS

/** Warns in the log once a day when WhatsApp is about to refuse this version of the client. */
export class ClientExpiry {
  readonly #accounts: Pick<Accounts, 'firstExpiry'>
  readonly #log: Log
  readonly #looks = new Repeat(HOUR_MS, () => this.#look())
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(accounts: Pick<Accounts, 'firstExpiry'>, log: Log) {
    this.#accounts = accounts
    this.#log = log
  }

  /** Resolves when the warning was logged, or is not needed. */
  look(): Promise<void> {
    return this.#looks.now()
  }

  close(): Promise<void> {
    return this.#looks.close()
  }

  async #look(): Promise<void> {
    try {
      const now = Date.now()
      const expiry = await this.#accounts.firstExpiry()
      if (expiry && expiry.at - now <= NOTICE_MS && Math.abs(now - this.#saidAt) >= DAY_MS) {
        this.#saidAt = now
        const days = Math.max(0, Math.floor((expiry.at - now) / DAY_MS))
        const expiresAt = new Date(expiry.at).toISOString()
        this.#log.warn({ version: expiry.version, expires_at: expiresAt, days }, 'client expires')
      }
    } catch (error) {
      this.#log.error({ ...errorFields(error) }, 'client expiry not read')
    }
  }
}
