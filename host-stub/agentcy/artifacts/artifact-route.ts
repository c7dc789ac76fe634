import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

import type { Artifact } from '../../../plugin/contract/artifact.ts'
import type { Artifacts, ByteRange, Principal } from '../../../plugin/contract/host.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { admitted, type AdmissionParts } from '../admission.ts'
import { refuse } from '../refusal.ts'
import { rangeIn } from './byte-range.ts'

/** What the artifact route needs. */
export type ArtifactRouteParts = AdmissionParts & { readonly artifacts: Artifacts }

const PATH = /^\/api\/v1\/artifacts\/([A-Za-z0-9_]{1,64})$/
const READERS: ReadonlySet<Role> = new Set(['member', 'admin', 'owner'])
/** Types that a browser shows and that cannot contain scripts; all other types are downloaded. */
const SHOWN = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'audio/mpeg',
  'audio/ogg',
  'audio/mp4',
  'video/mp4',
  'video/webm',
])

/** Answers `GET /api/v1/artifacts/:id`; false if the request is for something else. */
export async function serveArtifact(
  parts: ArtifactRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [, id] = PATH.exec(request.url?.split('?')[0] ?? '') ?? []
  if (id === undefined) return false
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse('method_not_allowed', request, response)
    return true
  }
  const caller = await admitted(parts, request, { action: 'artifact.get', roles: READERS, changes: false })
  if ('refusal' in caller) refuse(caller.refusal, request, response)
  else await answer({ artifacts: parts.artifacts, principal: caller.principal, id }, request, response)
  return true
}

type Asked = { readonly artifacts: Artifacts; readonly principal: Principal; readonly id: string }

async function answer(
  { artifacts, principal, id }: Asked,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const artifact = await artifacts.find(principal.org, id)
  if (!artifact) return refuse('not_found', request, response)
  const range = rangeIn(request.headers.range, artifact.sizeBytes)
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headersOf(artifact), 'content-range': `bytes */${artifact.sizeBytes}` }).end()
    return
  }
  const head = { ...headersOf(artifact), ...lengthOf(artifact, range) }
  if (request.method === 'HEAD') return void response.writeHead(range ? 206 : 200, head).end()
  // Opened before the head is sent, so that a file that cannot be opened gives an error response and not a truncated file.
  const content = await artifacts.open(principal.org, id, range)
  if (!content) return refuse('not_found', request, response)
  response.writeHead(range ? 206 : 200, head)
  await pipeline(content, response)
}

function lengthOf({ sizeBytes }: Artifact, range: ByteRange | null): Record<string, string> {
  if (!range) return { 'content-length': String(sizeBytes) }
  const { start, end } = range
  return { 'content-length': String(end - start + 1), 'content-range': `bytes ${start}-${end}/${sizeBytes}` }
}

function headersOf({ mime, fileName, sha256 }: Artifact): Record<string, string> {
  const isShown = mime !== null && SHOWN.has(mime.split(';')[0] ?? '')
  const named = fileName === null ? '' : `; filename*=UTF-8''${encodeURIComponent(fileName).replace(/['()*]/g, hex)}`
  return {
    'content-type': isShown ? mime : 'application/octet-stream',
    'content-disposition': `${isShown ? 'inline' : 'attachment'}${named}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    etag: `"${sha256}"`,
  }
}

const hex = (letter: string): string => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
