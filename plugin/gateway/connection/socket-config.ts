import {
  DEFAULT_CONNECTION_CONFIG,
  proto,
  type AuthenticationCreds,
  type BinaryNode,
  type CacheStore,
  type GroupMetadata,
  type SignalRepositoryWithLIDStore,
  type SocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys'

import type { Log } from '../../contract/host.ts'
import type { Chat } from '../../contract/ids.ts'
import { revisionOf, type WebVersion } from '../../contract/web-version.ts'
import type { Appearance } from './browser-name.ts'
import { createBaileysLog } from './baileys-log.ts'
import { chatOfJid } from '../kinds/jid.ts'
import type { Line } from './socket-stream.ts'
import type { AccountTrace } from '../stanzas/trace.ts'
import { routedUrl } from './edge-routing.ts'

/** What a connection is made with, besides the login. */
export type ConnectionSettings = {
  /** Null: WhatsApp itself. */
  readonly url: string | null
  /** What is announced of the client. */
  readonly version: WebVersion
  readonly log: Log
  /** Null: nothing is traced. */
  readonly trace: AccountTrace | null
  /** The app state has told of an action. */
  readonly acted: (action: unknown) => void
  readonly keepAliveMs: number
  readonly appearance: Appearance
  /** The bytes of a message of ours that a recipient in that chat could not read; null when they are no longer kept. */
  readonly sent: (stanzaId: string, chat: Chat) => Uint8Array | null
  readonly cachedGroup: (jid: string) => GroupMetadata | undefined
  readonly retryCounts: CacheStore
  /** Whether the connection shows where WhatsApp wanted it to go. */
  readonly isRouted: () => boolean
  /** Which devices people have. */
  readonly devices: SocketConfig['userDevicesCache'] & {}
  /** The server has said something that only it can have said. */
  readonly heard: (stanza: BinaryNode) => void
  /** How what comes and goes is made durable; null while nothing is linked. */
  readonly durability: Durability | null
}

type RepositoryParts = Parameters<typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository>

/** Where a connection makes sure that nothing is answered for before it is kept. */
export type Durability = {
  /** Keeps a `<message>` before Baileys hears of it. @throws when it cannot be kept: then Baileys never does. */
  readonly arrived: (stanza: BinaryNode) => void
  /** The same for a `<notification>` or a `<call>`. */
  readonly noticed: (stanza: BinaryNode) => void
  /** Null: Baileys may hear of it at once; else whether it is to, or only the server that it has come. */
  readonly held: (stanza: BinaryNode, socket: WASocket) => Promise<boolean> | null
  /** A device could not read what we wrote. */
  readonly askedAgain: (jid: string) => void
  /** The answer to a query, as Baileys is to see it. */
  readonly answered: (answer: BinaryNode) => BinaryNode
  readonly repository: (...parts: RepositoryParts) => SignalRepositoryWithLIDStore
}

/** Longer than any pairing: the rotation of codes is ours (pairing.ts), so that their expiry is known. */
const NEVER_MS = 2 ** 31 - 1

export function socketConfig(settings: ConnectionSettings, line: Line, creds: AuthenticationCreds) {
  const { makeSignalRepository, waWebSocketUrl } = DEFAULT_CONNECTION_CONFIG
  return {
    waWebSocketUrl: routedUrl(settings.url ?? String(waWebSocketUrl), creds),
    version: versionOnWire(settings.version),
    browser: settings.appearance,
    logger: createBaileysLog(settings.log, { wrote: settings.trace?.went ?? null, acted: settings.acted }),
    keepAliveIntervalMs: settings.keepAliveMs,
    qrTimeout: NEVER_MS,
    markOnlineOnConnect: false,
    syncFullHistory: false,
    generateHighQualityLinkPreview: false,
    // A commit that fails has cut the connection: the next connection tries again.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    // Baileys waits that long after each retry receipt, and holds every other message back in the meantime.
    retryRequestDelayMs: 0,
    msgRetryCounterCache: settings.retryCounts,
    userDevicesCache: settings.devices,
    getMessage: ({ id, remoteJid }: { id?: string | null; remoteJid?: string | null }) => {
      const chat = chatOfJid(remoteJid ?? '')
      const bytes = id && chat ? settings.sent(id, chat) : null
      return Promise.resolve(bytes ? proto.Message.decode(bytes) : undefined)
    },
    cachedGroupMetadata: (jid: string) => Promise.resolve(settings.cachedGroup(jid)),
    makeSignalRepository: (...parts: RepositoryParts) => {
      const repository = (settings.durability?.repository ?? makeSignalRepository)(...parts)
      const close = repository.close?.bind(repository)
      // Baileys closes the repository as the first step of every end.
      return Object.assign(repository, {
        close: () => {
          line.cutSoon()
          close?.()
        },
      })
    },
  }
}

const versionOnWire = (version: WebVersion): [number, number, number] => [2, 3000, revisionOf(version)]
