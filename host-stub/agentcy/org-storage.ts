import type { Artifacts } from '../../plugin/contract/host.ts'
import { openArtifacts, type ArtifactBackendParts } from './artifacts/artifact-backend.ts'
import { openUploads, type Uploads } from './artifacts/uploads.ts'
import { AuditLog } from './audit/audit-log.ts'

/** The storage of a host for its orgs. */
export type OrgStorage = {
  readonly artifacts: Artifacts
  readonly uploads: Uploads
  readonly audit: AuditLog
  /** Aborted by {@link OrgStorage.stop}. */
  readonly stopping: AbortSignal
  /** Aborts what would delay a stop. Audit entries that arrive before {@link OrgStorage.close} are still stored. */
  stop(): void
  /** Closes everything, whether {@link OrgStorage.stop} was called before or not. */
  close(): void
}

/**
 * Opens the storage below a home folder, or where the environment says.
 * @throws StartRefused if the settings are invalid; nothing is left open then.
 */
export async function openOrgStorage(parts: ArtifactBackendParts): Promise<OrgStorage> {
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
