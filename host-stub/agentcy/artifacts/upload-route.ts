import type { IncomingMessage, ServerResponse } from 'node:http'

import type { UploadedArtifact } from '../../../plugin/contract/api/media.ts'
import type { Artifact } from '../../../plugin/contract/artifact.ts'
import type { Principal } from '../../../plugin/contract/host.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { admitted, type AdmissionParts } from '../admission.ts'
import { refuse, requestIdOf, type Refusal } from '../refusal.ts'
import { UPLOAD_MOST_BYTES, type NotKept, type Uploads } from './uploads.ts'

/** What the upload route needs. */
export type UploadRouteParts = AdmissionParts & { readonly uploads: Uploads }

const PATH = '/api/v1/artifacts'
const SENDERS: ReadonlySet<Role> = new Set(['member', 'admin', 'owner'])

const METHOD_NOT_ALLOWED: Refusal = {
  code: 'method_not_allowed',
  message: 'Only POST is answered here.',
  headers: { allow: 'POST' },
}
const WHY: Readonly<Record<NotKept, Refusal>> = {
  empty: { code: 'bad_request', message: 'The body is empty: send the bytes of the file.' },
  too_large: { code: 'media_too_large' },
  over_quota: { code: 'over_quota' },
}

/** Answers `POST /api/v1/artifacts`, whose body is a file; false if the request is for something else. */
export async function serveUpload(
  parts: UploadRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.url?.split('?')[0] !== PATH) return false
  const refusal = request.method === 'POST' ? await admitAndTake(parts, request, response) : METHOD_NOT_ALLOWED
  if (refusal) refuse(refusal, request, response)
  return true
}

async function admitAndTake(
  parts: UploadRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | null> {
  const caller = await admitted(parts, request, { action: 'artifact.create', roles: SENDERS, changes: true })
  if ('refusal' in caller) return caller.refusal
  return take({ uploads: parts.uploads, principal: caller.principal }, request, response)
}

/** Stores the file and answers, or returns why it did not. A caller that has hung up gets no answer. */
async function take(
  { uploads, principal }: { readonly uploads: Uploads; readonly principal: Principal },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | null> {
  if (Number(request.headers['content-length'] ?? 0) > UPLOAD_MOST_BYTES) return WHY.too_large
  try {
    // The request is left open, so that a refusal can still be sent over the same connection.
    const content = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    const kept = await uploads.keep(principal.org, content)
    if (typeof kept === 'string') return WHY[kept]
    answer(kept, request, response)
  } catch (error) {
    if (!request.destroyed || request.complete) throw error
  }
  return null
}

function answer({ id, mime, sizeBytes, sha256 }: Artifact, request: IncomingMessage, response: ServerResponse): void {
  const said: UploadedArtifact = { artifact_id: id, mime, size: sizeBytes, sha256 }
  const body = JSON.stringify(said)
  response
    .writeHead(201, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestIdOf(request),
    })
    .end(body)
}
