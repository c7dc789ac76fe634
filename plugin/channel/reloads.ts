import type { Audit } from '../contract/audit.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { LOCAL_ORG, type AccountKey, type OrgId } from '../contract/ids.ts'
import type { Principal } from '../contract/host.ts'
import type { AccountLifecycle } from '../accounts/account-lifecycle.ts'
import type { Policies } from '../policy/policies.ts'
import { rowId } from '../store/sql/row-id.ts'

/** What reloading needs. */
export type ReloadParts = {
  readonly lifecycle: Pick<AccountLifecycle, 'reload' | 'reloadAll'>
  readonly policies: Pick<Policies, 'reload' | 'reloadOf'>
  readonly audit: Audit
  /** How long an org must wait between two of its own reloads. */
  readonly gapMs: () => number
  /** A monotonic clock, in ms. */
  readonly elapsed?: () => number
}

/**
 * Puts settings and policies into force, and reconnects. An org reloads only itself, and only so often, because WhatsApp sees each
 * reconnection. The host reloads all orgs.
 */
export class Reloads {
  readonly #parts: ReloadParts
  readonly #elapsed: () => number
  readonly #lastAt = new Map<OrgId, number>()

  constructor(parts: ReloadParts) {
    this.#parts = parts
    this.#elapsed = parts.elapsed ?? (() => performance.now())
  }

  /** @throws ChannelError `bad_settings`, and then nothing has changed; `reloaded_lately` */
  async reload(org: OrgId, role: Principal['role']): Promise<void> {
    const { lifecycle, policies } = this.#parts
    const begun = this.#begin(org)
    try {
      // The owner of the host's own org is the person the host belongs to.
      const again = await lifecycle.reload(org, { host: org === LOCAL_ORG && role === 'owner' })
      await policies.reloadOf(org)
      await this.#tell(again.filter(key => key.org !== org))
    } catch (error) {
      if (this.#lastAt.get(org) === begun) this.#lastAt.delete(org)
      throw error
    }
  }

  /** Reloads all orgs. @throws ChannelError `bad_settings`, and then nothing has changed. */
  async all(): Promise<void> {
    const { lifecycle, policies } = this.#parts
    const again = await lifecycle.reloadAll()
    await policies.reload()
    await this.#tell(again)
  }

  #begin(org: OrgId): number {
    const now = this.#elapsed()
    const waitMs = (this.#lastAt.get(org) ?? Number.NEGATIVE_INFINITY) + this.#parts.gapMs() - now
    if (waitMs > 0) {
      const retry_at = new Date(Date.now() + waitMs).toISOString()
      throw new ChannelError('reloaded_lately', undefined, { retry_at })
    }
    this.#lastAt.set(org, now)
    return now
  }

  /** Writes an entry into the audit log of each org whose connections somebody else has cut. */
  async #tell(again: readonly AccountKey[]): Promise<void> {
    for (const org of new Set(again.map(key => key.org))) {
      const accounts = again.filter(key => key.org === org).length
      await this.#parts.audit.append(org, {
        category: 'channel',
        action: 'channel.reload',
        decision: 'allow',
        user: null,
        resource: { channel: 'whatsapp', by: 'host', accounts },
        rule: null,
        input: {},
        requestId: rowId('req'),
        latencyMs: null,
      })
    }
  }
}
