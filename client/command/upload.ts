import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

import type { UploadedArtifact } from '../../plugin/contract/api/media.ts'
import type { HostAddress } from './command.ts'
import type { Progress } from '../terminal/progress-bar.ts'
import { HostRefused } from './refusal.ts'

async function* counted(path: string, tell: (doneBytes: number) => void): AsyncGenerator<Buffer> {
  let doneBytes = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    yield chunk
    doneBytes += chunk.byteLength
    tell(doneBytes)
  }
}

/**
 * Uploads a file to the host, which stores it as an artifact. @throws HostRefused, or the error that keeps the call from the host.
 */
export async function upload(
  { origin, token }: HostAddress,
  path: string,
  onProgress: Progress,
): Promise<UploadedArtifact> {
  const { size } = await stat(path)
  const answer = await fetch(new URL('/api/v1/artifacts', origin), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: counted(path, doneBytes => onProgress(doneBytes, size)),
    duplex: 'half',
  })
  const said: unknown = await answer.json().catch(() => null)
  if (answer.ok) return said as UploadedArtifact
  throw new HostRefused(refusalFrom(said))
}

function refusalFrom(said: unknown): HostRefused['refusal'] {
  const { error } = (said ?? {}) as { error?: HostRefused['refusal'] }
  if (error && error.code !== 'not_found') return error
  return {
    code: 'not_found',
    message: 'This host accepts no uploads: use --artifact or --url.',
    request_id: error?.request_id ?? '-',
  }
}
