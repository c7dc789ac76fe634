import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'
import type { ClientVersion, KnownVersion } from '../contract/web-version.ts'
import type { Store } from '../store/database.ts'
import { findAcceptedVersion, keepAcceptedVersion } from '../store/accounts/web-versions.ts'

/** The name of WhatsApp's own network in the stored row. Other networks are named by the root key of their certificates. */
const WHATSAPP = 'whatsapp'

/**
 * The version that WhatsApp accepted last. It is stored, so that a gateway that starts while nothing newer can be found announces
 * it.
 */
export class AcceptedVersions {
  readonly #store: Store
  readonly #log: Log
  readonly #network: string
  #accepted: KnownVersion | null = null
  #keeping: Promise<void> = Promise.resolve()

  /** `noiseRootKey`: the root key of another network; null for WhatsApp's own. */
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

  /** Handles the gateway's report about its version. */
  take({ version, from, refused, problem, accepted }: ClientVersion): void {
    this.#log.info({ version, from, refused, problem }, 'client version')
    const { version: was, knownAt } = this.#accepted ?? {}
    if (!accepted || (accepted.version === was && accepted.knownAt === knownAt)) return
    this.#accepted = accepted
    this.#keeping = this.#keeping.then(() => this.#keep(accepted))
  }

  /** Resolves when the versions taken so far are stored. */
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
