import type { ArtifactRoom } from '../../../plugin/contract/artifact.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'

/** The default storage quota of an org. */
export const MOST_BYTES_OF_ORG = 20 * 2 ** 30

/** The org has reached its storage quota. */
export class OverQuota extends Error {
  readonly code = 'over_quota'

  constructor() {
    super('the org keeps as many bytes as it may')
    this.name = 'OverQuota'
  }
}

/** The storage that each org uses. It is measured once and counted from then on. */
export type Quotas = {
  of(org: OrgId): Promise<ArtifactRoom>
  /** Reserves room for bytes before they are stored. @throws OverQuota if there is not enough. */
  take(org: OrgId, bytes: number): Promise<void>
  /** Frees the room of bytes that were deleted or never stored. */
  give(org: OrgId, bytes: number): Promise<void>
}

export function createQuotas(measure: (org: OrgId) => Promise<number>, mostBytes: number): Quotas {
  const measured = new Map<OrgId, Promise<{ bytes: number }>>()
  const usedBy = (org: OrgId): Promise<{ bytes: number }> => {
    const known = measured.get(org)
    if (known) return known
    const measuring = measure(org).then(bytes => ({ bytes }))
    measured.set(org, measuring)
    // A failed measurement is repeated at the next call.
    measuring.catch(() => measured.delete(org))
    return measuring
  }
  return {
    of: async org => ({ usedBytes: (await usedBy(org)).bytes, mostBytes }),
    async take(org, bytes) {
      const used = await usedBy(org)
      if (used.bytes + bytes > mostBytes) throw new OverQuota()
      used.bytes += bytes
    },
    async give(org, bytes) {
      const used = await usedBy(org)
      used.bytes -= bytes
    },
  }
}
