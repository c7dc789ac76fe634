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

/** What a connection is created with, besides the login. */
export type ConnectionSettings = {
  /** Null: WhatsApp itself. */
  readonly url: string | null
  /** The client version that is announced. */
  readonly version: WebVersion
  readonly log: Log
  /** Null: nothing is traced. */
  readonly trace: AccountTrace | null
  /** Gets each action of the app state. */
  readonly acted: (action: unknown) => void
  readonly keepAliveMs: number
  readonly appearance: Appearance
  /** The bytes of a message of ours that a recipient in that chat could not read; null if they are no longer stored. */
  readonly sent: (stanzaId: string, chat: Chat) => Uint8Array | null
  readonly cachedGroup: (jid: string) => GroupMetadata | undefined
  readonly retryCounts: CacheStore
  /** Whether the connection sends the routing that WhatsApp asked for. */
  readonly isRouted: () => boolean
  /** The cache of people's devices. */
  readonly devices: SocketConfig['userDevicesCache'] & {}
  /** Gets each stanza that only the server can have sent. */
  readonly heard: (stanza: BinaryNode) => void
  /** Makes what is received and sent durable; null while nothing is linked. */
  readonly durability: Durability | null
}

type RepositoryParts = Parameters<typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository>

/** The hooks with which a connection stores everything before it is acknowledged. */
export type Durability = {
  /** Stores a `<message>` before Baileys gets it. @throws when it cannot be stored; then Baileys never gets it. */
  readonly arrived: (stanza: BinaryNode) => void
  /** The same for a `<notification>` or a `<call>`. */
  readonly noticed: (stanza: BinaryNode) => void
  /**
   * Null: Baileys may get the stanza at once. Else resolves to true if Baileys is to get it, to false if it is only to be
   * acknowledged.
   */
  readonly held: (stanza: BinaryNode, socket: WASocket) => Promise<boolean> | null
  /** A device could not read what we sent. */
  readonly askedAgain: (jid: string) => void
  /** Returns the answer to a query as Baileys is to see it. */
  readonly answered: (answer: BinaryNode) => BinaryNode
  readonly repository: (...parts: RepositoryParts) => SignalRepositoryWithLIDStore
}

/** Longer than any pairing. We rotate the codes ourselves (pairing.ts), so that their expiry is known. */
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
    // A failed commit has cut the connection: the next connection tries again.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    // Baileys waits this long after each retry receipt, and holds back every other message in the meantime.
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
      // Whenever a connection ends, Baileys closes the repository first.
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
