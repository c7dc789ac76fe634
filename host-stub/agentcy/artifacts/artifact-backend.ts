import type { Artifacts, Log } from '../../../plugin/contract/host.ts'
import { StartRefused } from '../private-folder.ts'
import type { Environment } from '../host.ts'
import { openLocalArtifacts } from './local-artifacts.ts'
import { MOST_BYTES_OF_ORG } from './quotas.ts'
import { s3SettingsFrom } from './s3-settings.ts'

/** The artifacts of a host in their storage backend. */
export type ArtifactBackend = {
  readonly artifacts: Artifacts
  /** Aborts running writes, because a stopping host waits for no other machine. The caller retries them later. */
  readonly close: () => void
}

/** What the backend is opened with. */
export type ArtifactBackendParts = { readonly home: string; readonly environment: Environment; readonly log: Log }

/**
 * Opens the artifact storage that `AGENTCY_ARTIFACT_BACKEND` selects.
 * @throws StartRefused if the settings are invalid.
 */
export async function openArtifacts({ home, environment, log }: ArtifactBackendParts): Promise<ArtifactBackend> {
  const backend = environment['AGENTCY_ARTIFACT_BACKEND'] || 'local'
  const mostBytes = mostBytesFrom(environment['AGENTCY_ARTIFACT_MB_PER_ORG'] || null)
  if (backend === 'local') return { artifacts: openLocalArtifacts(home, mostBytes), close: () => undefined }
  if (backend !== 's3') throw new StartRefused('AGENTCY_ARTIFACT_BACKEND must be local or s3.')
  const settings = s3SettingsFrom(environment)
  // The SDK needs time and 20 MB, so it is loaded only when used.
  const { openS3Artifacts } = await import('./s3-artifacts.ts')
  return openS3Artifacts(settings, { log, mostBytes })
}

const MEBIBYTES = /^[1-9][0-9]{0,8}$/

function mostBytesFrom(written: string | null): number {
  if (written === null) return MOST_BYTES_OF_ORG
  if (MEBIBYTES.test(written)) return Number(written) * 2 ** 20
  throw new StartRefused('AGENTCY_ARTIFACT_MB_PER_ORG must be a whole number of MiB from 1 on.')
}
