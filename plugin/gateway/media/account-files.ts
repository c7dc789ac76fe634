import type { WASocket } from '@whiskeysockets/baileys'

import { ChannelError } from '../../contract/errors/errors.ts'
import { unreachable } from '../../contract/errors/unreachable.ts'
import type { OrgId } from '../../contract/ids.ts'
import type { FetchOutcome } from '../../contract/media.ts'
import { ensurePrivateFolder } from '../../files/private-path.ts'
import type { Decoders } from '../convert/decoders.ts'
import { fetchFile, releaseFile, type Moved, type Wanted } from './fetch-file.ts'
import type { Files } from '../tables/file-refs.ts'
import { mediaConnection } from './media-connection.ts'
import { putFile, type Outgoing, type PutFile } from './upload-file.ts'
import { putAgain } from './request-reupload.ts'

/** What fetching and sending an account's files needs. */
export type AccountFilesParts = {
  /** `connection`: the current one, if any. */
  readonly link: { connection(): { isOpen(): boolean; readonly socket: WASocket } | null }
  readonly files: Files
  /** Null: WhatsApp itself. */
  readonly url: string | null
  readonly mediaFolder: string
  readonly org: OrgId
  readonly decoders: Decoders
  /** Progress of a file's download or upload. */
  readonly moved: (progress: Moved) => void
}

/** The files of one account, received and sent. */
export type AccountFiles = {
  readonly fetch: (wanted: Wanted) => Promise<FetchOutcome>
  readonly release: (file: string) => Promise<void>
  /** Uploads a file to WhatsApp's hosts. @throws ChannelError `wrong_media`, `gateway_unreachable` */
  readonly put: (outgoing: Outgoing) => Promise<PutFile>
}

/** A phone that is reachable answers within seconds; another one perhaps never. */
const PHONE_MS = 30_000
const FILE = /^[0-9a-f]{32}$/

export function openAccountFiles(parts: AccountFilesParts): AccountFiles {
  const { link, files, url, mediaFolder, moved, org, decoders } = parts
  const socket = () => {
    const connection = link.connection()
    if (!connection?.isOpen()) throw unreachable('no_network')
    return connection.socket
  }
  const underWay = new Map<string, Promise<FetchOutcome>>()
  const begin = async (wanted: Wanted): Promise<FetchOutcome> => {
    const fault = ensurePrivateFolder(mediaFolder)
    if (fault) return { outcome: 'failed', code: 'storage', again: true }
    return fetchFile(wanted, {
      files,
      folder: mediaFolder,
      onLoopback: url !== null,
      hosts: async () => (await mediaConnection(socket())).hosts,
      putAgain: sent => putAgain(socket(), sent, PHONE_MS),
      moved,
    })
  }
  return {
    fetch: wanted => {
      if (!FILE.test(wanted.file)) throw new ChannelError('bad_request')
      socket()
      const already = underWay.get(wanted.file)
      if (already) return already
      const fetching = begin(wanted).finally(() => underWay.delete(wanted.file))
      underWay.set(wanted.file, fetching)
      return fetching
    },
    put: async outgoing => {
      socket()
      const fault = ensurePrivateFolder(mediaFolder)
      if (fault) throw new ChannelError('internal', fault)
      const connection = (fresh: boolean) => mediaConnection(socket(), { fresh })
      return putFile(outgoing, { folder: mediaFolder, onLoopback: url !== null, org, decoders, connection, moved })
    },
    release: async file => {
      if (FILE.test(file)) await releaseFile(mediaFolder, file)
    },
  }
}
