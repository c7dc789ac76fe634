import type { Artifacts, Log } from '../../../plugin/contract/host.ts'
import { StartRefused } from '../home.ts'
import type { Environment } from '../host.ts'
import { openLocalArtifacts } from './local-artifacts.ts'
import { MOST_BYTES_OF_ORG } from './rooms.ts'
import { s3SettingsFrom } from './s3-settings.ts'

/** The artifacts of a host, wherever they are. */
export type ArtifactBackend = {
  readonly artifacts: Artifacts
  /** Gives up what is being kept: a stop waits for no other machine. The caller tries again. */
  readonly close: () => void
}

/** What they are opened with. */
export type ArtifactBackendParts = { readonly home: string; readonly environment: Environment; readonly log: Log }

/**
 * Opens the artifacts where `AGENTCY_ARTIFACT_BACKEND` says that they are.
 * @throws StartRefused when that cannot be followed.
 */
export async function openArtifacts({ home, environment, log }: ArtifactBackendParts): Promise<ArtifactBackend> {
  const backend = environment['AGENTCY_ARTIFACT_BACKEND'] || 'local'
  const mostBytes = mostBytesFrom(environment['AGENTCY_ARTIFACT_MB_PER_ORG'] || null)
  if (backend === 'local') return { artifacts: openLocalArtifacts(home, mostBytes), close: () => undefined }
  if (backend !== 's3') throw new StartRefused('AGENTCY_ARTIFACT_BACKEND must be local or s3.')
  const settings = s3SettingsFrom(environment)
  // The SDK takes its time and 20 MB: only who needs it loads it.
  const { openS3Artifacts } = await import('./s3-artifacts.ts')
  return openS3Artifacts(settings, { log, mostBytes })
}

const MEBIBYTES = /^[1-9][0-9]{0,8}$/

function mostBytesFrom(written: string | null): number {
  if (written === null) return MOST_BYTES_OF_ORG
  if (MEBIBYTES.test(written)) return Number(written) * 2 ** 20
  throw new StartRefused('AGENTCY_ARTIFACT_MB_PER_ORG must be a whole number of MiB from 1 on.')
}
