import type { Artifacts } from '../../plugin/contract/host.ts'
import { openArtifacts, type ArtifactBackendParts } from './artifacts/artifact-backend.ts'
import { openUploads, type Uploads } from './artifacts/uploads.ts'
import { AuditLog } from './audit/audit-log.ts'

/** What a host keeps for its orgs. */
export type Holdings = {
  readonly artifacts: Artifacts
  readonly uploads: Uploads
  readonly audit: AuditLog
  /** Aborted by {@link Holdings.stop}. */
  readonly stopping: AbortSignal
  /** Gives up what would hold up a stop; what is told and kept in the meantime is kept. */
  stop(): void
  /** Closes all of it, stopped or not. */
  close(): void
}

/**
 * Opens what is kept below a home folder, or where the environment says.
 * @throws StartRefused when that cannot be followed; nothing is left open then.
 */
export async function openHoldings(parts: ArtifactBackendParts): Promise<Holdings> {
  const audit = new AuditLog(parts)
  const stopping = new AbortController()
  try {
    const { artifacts, close: giveUp } = await openArtifacts(parts)
    const stop = (): void => {
      stopping.abort()
      giveUp()
    }
    const close = (): void => {
      stop()
      audit.close()
    }
    return { artifacts, uploads: openUploads(parts.home, artifacts), audit, stopping: stopping.signal, stop, close }
  } catch (error) {
    audit.close()
    throw error
  }
}
