import type { ArtifactRoom } from '../../../plugin/contract/artifact.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'

/** What an org may keep where nobody says otherwise. */
export const MOST_BYTES_OF_ORG = 20 * 2 ** 30

/** An org keeps as much as it may. */
export class OverQuota extends Error {
  readonly code = 'over_quota'

  constructor() {
    super('the org keeps as many bytes as it may')
    this.name = 'OverQuota'
  }
}

/** How much each org keeps. It is measured once and counted from then on. */
export type Rooms = {
  of(org: OrgId): Promise<ArtifactRoom>
  /** Holds room for bytes that are about to be kept. @throws OverQuota when there is none. */
  take(org: OrgId, bytes: number): Promise<void>
  /** They are not kept any more, or never came. */
  give(org: OrgId, bytes: number): Promise<void>
}

export function createRooms(measure: (org: OrgId) => Promise<number>, mostBytes: number): Rooms {
  const measured = new Map<OrgId, Promise<{ bytes: number }>>()
  const usedBy = (org: OrgId): Promise<{ bytes: number }> => {
    const known = measured.get(org)
    if (known) return known
    const measuring = measure(org).then(bytes => ({ bytes }))
    measured.set(org, measuring)
    // It is measured again another time.
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
