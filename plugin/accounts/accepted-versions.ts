import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'
import type { ClientVersion, KnownVersion } from '../contract/web-version.ts'
import type { Store } from '../store/database.ts'
import { findAcceptedVersion, keepAcceptedVersion } from '../store/accounts/web-versions.ts'

/** What WhatsApp's own network is called in the row that is kept of it; others are called by the root of their certificates. */
const WHATSAPP = 'whatsapp'

/** The version that WhatsApp let in last: kept, so that a gateway which starts while nothing newer can be found announces it. */
export class AcceptedVersions {
  readonly #store: Store
  readonly #log: Log
  readonly #network: string
  #accepted: KnownVersion | null = null
  #keeping: Promise<void> = Promise.resolve()

  /** `noiseRootKey`: of another network than WhatsApp's own, else null. */
  constructor(store: Store, log: Log, noiseRootKey: string | null) {
    this.#store = store
    this.#log = log
    this.#network = noiseRootKey?.toLowerCase() ?? WHATSAPP
  }

  async open(): Promise<void> {
    this.#accepted = await findAcceptedVersion(this.#store.connection, this.#network)
  }

  accepted(): KnownVersion | null {
    return this.#accepted
  }

  /** What the gateway says of its version. */
  take({ version, from, refused, problem, accepted }: ClientVersion): void {
    this.#log.info({ version, from, refused, problem }, 'client version')
    const { version: was, knownAt } = this.#accepted ?? {}
    if (!accepted || (accepted.version === was && accepted.knownAt === knownAt)) return
    this.#accepted = accepted
    this.#keeping = this.#keeping.then(() => this.#keep(accepted))
  }

  /** What was taken so far is kept. */
  settled(): Promise<void> {
    return this.#keeping
  }

  async #keep(accepted: KnownVersion): Promise<void> {
    try {
      await this.#store.transaction(transaction => keepAcceptedVersion(transaction, this.#network, accepted))
    } catch (error) {
      this.#log.error({ ...errorFields(error) }, 'client version not kept')
    }
  }
}
