import { basename } from 'node:path'
import { Readable } from 'node:stream'

import type { MediaWording } from '../contract/api/media.ts'
import { isOverQuota, type Artifact } from '../contract/artifact.ts'
import type { MediaKind } from '../contract/content.ts'
import type { OutboundFile } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { safeFileName } from '../files/file-name.ts'
import type { Artifacts } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import { MEDIA_MOST_BYTES, MEDIA_TYPES } from '../contract/media.ts'
import type { RemoteFiles } from './remote-file.ts'
import type { Spool } from './spool.ts'

/** What outbound files need. */
export type EnclosureParts = {
  readonly artifacts: Artifacts
  readonly spool: Spool
  readonly remote: Pick<RemoteFiles, 'read'>
}

/**
 * The source under which a request's file is stored: the same bytes with the same name are one artifact, however often they are
 * sent.
 */
export const outgoingSource = (sha256: string, fileName: string | null): string =>
  `outgoing:${sha256}:${fileName ?? ''}`

/** Types for which phones use another name. */
const PHONES_NAMES: Readonly<Record<string, string>> = { 'video/x-m4v': 'video/mp4', 'audio/x-m4a': 'audio/mp4' }
const UNKNOWN_TYPE = 'application/octet-stream'

/** Prepares the files that callers want to send. Each is an artifact before its send is accepted. */
export class OutboundFiles {
  readonly #parts: EnclosureParts

  constructor(parts: EnclosureParts) {
    this.#parts = parts
  }

  /**
   * The file of a request, stored at the host.
   * @throws ChannelError `not_found`, `wrong_media`, `media_too_large`, `over_quota`, `url_not_fetched`
   */
  async of(org: OrgId, media: MediaWording): Promise<OutboundFile> {
    const artifact = media.artifact_id === undefined ? await this.#kept(org, media) : await this.#found(org, media)
    const { id, sizeBytes, sha256, fileName } = artifact
    const name = safeFileName(media.file_name) ?? fileName
    return { kind: media.kind, artifact: id, mime: typeFor(media, artifact.mime), fileName: name, sizeBytes, sha256 }
  }

  async #found(org: OrgId, { kind, artifact_id: id = '' }: MediaWording): Promise<Artifact> {
    const artifact = await this.#parts.artifacts.find(org, id)
    if (!artifact) throw new ChannelError('not_found')
    if (artifact.sizeBytes > MEDIA_MOST_BYTES[kind]) throw new ChannelError('media_too_large')
    return artifact
  }

  async #kept(org: OrgId, media: MediaWording): Promise<Artifact> {
    const { artifacts, spool } = this.#parts
    const mostBytes = MEDIA_MOST_BYTES[media.kind]
    await using held = await spool.hold(this.#contentOf(media, mostBytes), mostBytes)
    const { sizeBytes, sha256, mime } = held
    typeFor(media, mime)
    const fileName = safeFileName(media.file_name ?? nameIn(media.url))
    const facts = { source: outgoingSource(sha256, fileName), sizeBytes, sha256, mime, fileName }
    return await artifacts.put(org, held.read(), facts).catch((error: unknown) => {
      throw isOverQuota(error) ? new ChannelError('over_quota') : error
    })
  }

  #contentOf({ data, url }: MediaWording, mostBytes: number): AsyncIterable<Uint8Array> {
    if (url !== undefined) return this.#parts.remote.read(url, mostBytes)
    return Readable.from([Buffer.from(data ?? '', 'base64')])
  }
}

/** The type that phones are told. @throws ChannelError `wrong_media` if the file cannot be shown as the requested kind. */
function typeFor({ kind, mime: said }: MediaWording, sniffed: string | null): string {
  if (kind === 'document') return said ?? sniffed ?? UNKNOWN_TYPE
  if (sniffed === null || !fits(kind, sniffed)) throw new ChannelError('wrong_media')
  return PHONES_NAMES[sniffed] ?? sniffed
}

const fits = (kind: Exclude<MediaKind, 'document'>, mime: string): boolean => MEDIA_TYPES[kind].test(mime)

/** The last part of a URL's path, which usually is the file's name. */
function nameIn(url: string | undefined): string | null {
  if (url === undefined) return null
  const last = basename(new URL(url).pathname)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
