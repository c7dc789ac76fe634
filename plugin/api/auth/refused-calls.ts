import type { Audit } from '../../contract/audit.ts'
import type { Log, Principal } from '../../contract/host.ts'

/** The caller and the id of the request. */
export type Caller = { readonly token: string; readonly principal: Principal; readonly requestId: string }

type Refused = { count: number; readonly first: Caller; readonly timer: NodeJS.Timeout }

const TOLD_EACH_MS = 1_000

/** Collects calls refused because of the rate limit, and writes their count to the org's audit log, once a second per token. */
export class RefusedCalls {
  readonly #audit: Audit
  readonly #log: Log
  readonly #untold = new Map<string, Refused>()
  readonly #telling = new Set<Promise<void>>()

  constructor({ audit, log }: { readonly audit: Audit; readonly log: Log }) {
    this.#audit = audit
    this.#log = log
  }

  add(caller: Caller): void {
    const { token } = caller
    const untold = this.#untold.get(token)
    if (untold) untold.count += 1
    else {
      const timer = setTimeout(() => this.#tellSoon(token), TOLD_EACH_MS).unref()
      this.#untold.set(token, { count: 1, first: caller, timer })
    }
  }

  /** Writes the remaining refusals to the audit log. */
  async close(): Promise<void> {
    for (const token of this.#untold.keys()) this.#tellSoon(token)
    await Promise.all(this.#telling)
  }

  #tellSoon(token: string): void {
    const refused = this.#untold.get(token)
    if (!refused) return
    clearTimeout(refused.timer)
    this.#untold.delete(token)
    const telling = this.#tell(refused).finally(() => this.#telling.delete(telling))
    this.#telling.add(telling)
  }

  async #tell({ count, first: { principal, requestId } }: Refused): Promise<void> {
    const { org, user } = principal
    const entry = { category: 'policy', action: 'api.call', decision: 'deny', rule: null, input: {} } as const
    const resource = { channel: 'whatsapp', refused: count }
    await this.#audit
      .append(org, { ...entry, user, resource, requestId, latencyMs: null })
      .catch(() => this.#log.error({ org, refused: count }, 'refused calls not audited'))
  }
}
