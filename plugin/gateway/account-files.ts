import { ChannelError } from '../contract/errors.ts'
import type { FetchOutcome } from '../contract/media.ts'
import { ensurePrivateFolder } from '../contract/private-path.ts'
import type { Link } from './link.ts'
import { fetchFile, releaseFile, type Arriving, type Wanted } from './fetching.ts'
import type { Files } from './files.ts'
import { putAgain } from './put-again.ts'

/** What an account's files are fetched with. */
export type AccountFilesParts = {
  readonly link: Link
  readonly files: Files
  /** Null: WhatsApp itself. */
  readonly url: string | null
  readonly mediaFolder: string
  readonly arriving: (progress: Arriving) => void
}

/** The files that come to one account. */
export type AccountFiles = {
  readonly fetch: (wanted: Wanted) => Promise<FetchOutcome>
  readonly release: (file: string) => Promise<void>
}

/** A phone that is reachable answers within seconds; one that is not, perhaps never. */
const PHONE_MS = 30_000
const FILE = /^[0-9a-f]{32}$/

export function openAccountFiles({ link, files, url, mediaFolder, arriving }: AccountFilesParts): AccountFiles {
  const socket = () => {
    const connection = link.connection()
    if (!connection?.isOpen()) throw new ChannelError('gateway_unreachable')
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
      hosts: async () => (await socket().refreshMediaConn()).hosts.map(({ hostname }) => hostname),
      putAgain: sent => putAgain(socket(), sent, PHONE_MS),
      arriving,
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
    release: async file => {
      if (FILE.test(file)) await releaseFile(mediaFolder, file)
    },
  }
}
