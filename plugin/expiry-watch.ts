import type { Accounts } from './accounts.ts'
import { errorFields } from './contract/error-fields.ts'
import type { Log } from './contract/host.ts'
import { DAY_MS, HOUR_MS } from './pacing.ts'
import { Pump } from './pump.ts'

/** So long before WhatsApp stops to take the client, the log begins to say so. */
const NOTICE_MS = 14 * DAY_MS

/** Says in the log once a day that WhatsApp is about to refuse this version of the client. */
export class ExpiryWatch {
  readonly #accounts: Pick<Accounts, 'firstExpiry'>
  readonly #log: Log
  readonly #pump = new Pump(() => this.#look())
  #saidAt = Number.NEGATIVE_INFINITY
  #alarm: NodeJS.Timeout | null = null
  #closed = false

  constructor(accounts: Pick<Accounts, 'firstExpiry'>, log: Log) {
    this.#accounts = accounts
    this.#log = log
  }

  /** Resolves when it is said, or need not be. */
  look(): Promise<void> {
    return this.#pump.wake()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#alarm) clearTimeout(this.#alarm)
    await this.#pump.close()
  }

  async #look(): Promise<void> {
    if (this.#alarm) clearTimeout(this.#alarm)
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
    if (!this.#closed) this.#alarm = setTimeout(() => void this.look(), HOUR_MS)
  }
}
