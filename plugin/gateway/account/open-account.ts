import type {
  AuthenticationCreds,
  AuthenticationState,
  BinaryNode,
  GroupMetadata,
  SignalKeyStore,
  WASocket,
} from '@whiskeysockets/baileys'

import { createBackoff } from '../../base/backoff.ts'
import type { Backlog, ConnectionState, LineUp } from '../../contract/connection.ts'
import type { LookupOutcome } from '../../contract/contact.ts'
import type { TransmitOutcome } from '../../contract/delivery.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { unreachable } from '../../contract/errors/unreachable.ts'
import type { JournalEntry, LineTimes } from '../../contract/gateway-protocol.ts'
import type { Log } from '../../contract/host.ts'
import type { OrgId, Person, Phone } from '../../contract/ids.ts'
import type { FetchOutcome } from '../../contract/media.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import { openAccountFile, type AccountFile } from '../state/account-file.ts'
import { OWN_NAME } from '../connection/browser-name.ts'
import { createAttention, type Attention } from './presence.ts'
import { lookUp } from './contact-lookup.ts'
import { createBacklog } from '../inbound/backlog.ts'
import { createCaughtUp, type CaughtUp } from '../inbound/caught-up.ts'
import { openConnection, type Connection, type ConnectionListener } from '../connection/socket.ts'
import { createDeviceCache } from '../recipients/device-cache.ts'
import { createDurability } from '../inbound/durability.ts'
import type { Disappeared } from '../tables/disappearing.ts'
import { createStorageGuard } from '../storage-guard.ts'
import { createGroupCache, type GroupCache } from '../recipients/group-cache.ts'
import { createGroupKeys } from '../recipients/group-keys.ts'
import { createGroupDirectory, type GroupDirectory } from './group-directory.ts'
import { groupOfJid, personOfJids } from '../kinds/jid.ts'
import { createIntake } from '../inbound/event-ingest.ts'
import type { Journal } from '../tables/journal.ts'
import { createLink, type Link, type LinkListener } from '../connection/reconnect.ts'
import type { LoginAttempts } from '../login/login-attempts.ts'
import { openLinkedLine, type LinkedLineParts } from './linked-connection.ts'
import { openAccountFiles } from '../media/account-files.ts'
import type { Decoders } from '../convert/decoders.ts'
import type { Moved, Wanted } from '../media/fetch-file.ts'
import { createOutgoing, type Outgoing, type OutgoingPorts, type Transmission } from '../outbound/outgoing.ts'
import type { PendingLogin, Shown } from '../pairing/pairing.ts'
import { createRouting } from '../connection/edge-routing.ts'
import type { SessionStore } from '../state/session-store.ts'
import type { ConnectionSettings } from '../connection/socket-config.ts'
import { createRendering, type Rendered, type RenderingPorts, type ToRender } from '../outbound/render.ts'
import { createTimeLockWatch } from '../messages/time-lock.ts'
import type { AccountTrace } from '../stanzas/trace.ts'
import { createTransmitter } from '../outbound/transmitter.ts'
import { createUnknownKinds } from '../stanzas/unknown-kinds.ts'

/** What an open account gets from the process. */
export type OpenAccountPorts = {
  /** Null: WhatsApp itself. */
  readonly url: string | null
  /** Shared by all accounts of the process. */
  readonly attempts: LoginAttempts
  readonly outdatedDetail: string
  readonly lineTimes: LineTimes
  readonly messageAcks: boolean
  readonly log: Log
  /** Null: nothing is traced. */
  readonly trace: AccountTrace | null
  readonly now: () => number
  readonly random: () => number
  readonly report: (state: ConnectionState) => void
  /** Until when WhatsApp accepts this version, as it told this account, in ms UTC; null: WhatsApp withdrew the date. */
  readonly expires: (version: WebVersion, at: number | null) => void
  /** The journal has grown to this number. */
  readonly grown: (head: number) => void
  /** WhatsApp has sent something on the connection. */
  readonly heard: () => void
  /** Progress of the backlog; null: nothing more is awaited. */
  readonly backlog: (backlog: Backlog | null) => void
  /** Everything that came of the backlog is in the journal, which has grown to this number. */
  readonly caughtUp: (head: number) => void
  /** `count` more stanzas with this tag came, whose kind is unknown. */
  readonly unknown: (tag: string, count: number) => void
  /** Where files are stored until they are released. */
  readonly mediaFolder: string
  readonly org: OrgId
  /** Shared by all accounts of the process. */
  readonly decoders: Decoders
  /** Progress of a file's download or upload. */
  readonly moved: (progress: Moved) => void
}

/** An account whose file is open: its journal, its login and the link that keeps it connected. */
export type OpenAccount = {
  readonly journal: Journal
  /** The entries after a number, oldest first. All of them are on the disk, so that none can be taken back. */
  readonly handOver: (after: number, limit: number) => Promise<JournalEntry[]>
  /** Forgets what has disappeared by then. Returns when there is more to forget, or null. */
  readonly forget: (disappeared: Disappeared) => number | null
  readonly link: Link
  readonly hasLogin: () => boolean
  /** Completes what was received but not completed when the process ended. Runs before any connection. */
  readonly recover: () => Promise<void>
  /** Opens a connection that is not the link's, for a pairing. */
  readonly connect: (login: AuthenticationState, shown: Shown, listener: ConnectionListener) => Connection
  /** Durably replaces the old login by a new one. */
  readonly adopt: (login: PendingLogin) => void
  readonly ping: () => Promise<{ phone: string }>
  /** Uploads the message's file, if it has one, and returns the message's bytes. */
  readonly render: (saying: ToRender) => Promise<Rendered>
  readonly transmit: (transmission: Transmission) => Promise<TransmitOutcome>
  readonly attention: Attention
  readonly directory: GroupDirectory
  readonly lookUp: (number: Phone) => Promise<LookupOutcome>
  readonly fetch: (wanted: Wanted) => Promise<FetchOutcome>
  readonly release: (file: string) => Promise<void>
}

const PING_MS = 10_000

/** Opens all parts of an account on its file. Nothing is connected yet. */
export function openAccount(store: SessionStore, ports: OpenAccountPorts): OpenAccount {
  const { log, lineTimes } = ports
  const storageGuard = createStorageGuard()
  const file = openAccountFile(store, { storageGuard, now: ports.now, grown: ports.grown })
  const { journal, keys, now } = file
  const self = (): Person => selfOf(login)
  const known = knownOf(store, file, self)
  const [transmitter, lock] = [createTransmitter(lineTimes.ackPatienceMs), createTimeLockWatch(now)]
  let login = loginOf(store.creds(), keys)

  const kept = { sent: file.sent, retryCounts: file.retryCounts, acted: file.tokens.acted, ...known.forBaileys }
  const settings = { ...settingsOf(ports), ...kept }
  const creds = (): AuthenticationCreds => credsOf(login)
  const caughtUp = caughtUpOf(file, ports)
  const grown = (): void => [file.grown, caughtUp.look].forEach(each => each())
  const durability = createDurability({ ...file, ...known, ...remarksTo(log), grown, storageGuard, self, creds })
  const intake = createIntake({ ...file, self })
  const auth = (): AuthenticationState => ({ creds: creds(), keys })
  const line = { ...file, storageGuard, intake, knowledge: durability.knowledge, store, transmitter, lock }
  const shown = { ...settings, appearance: OWN_NAME, durability }
  const link = linkWith({ ports, auth, phone: () => phoneOf(login), now, settings: shown, line, caughtUp })
  return {
    journal,
    handOver: file.handOver,
    forget: file.forget,
    connect: (auth, shown, listener) => openConnection(auth, { ...settings, ...shown, durability: null }, listener),
    hasLogin: () => login !== null,
    recover: () => durability.recover(log),
    adopt: pending => {
      store.replaceLogin(pending.creds, pending.held)
      login = { creds: pending.creds, keys }
      file.tokens.forget()
    },
    ping: async () => pingOn(openLine(link)).then(() => ({ phone: phoneOf(login) })),
    ...outgoingOf(link, { ...file, transmitter, groups: known.forSending, lock, storageGuard, self, log }),
    ...asking(link, { ...file, groups: known.groups }),
    ...filesOf({
      ...file,
      ...known,
      self,
      files: openAccountFiles({ link, files: file.files, ...ports }),
      now: ports.now,
      described: async group => known.groups.refresh(group, openLine(link).socket),
    }),
  }
}

const caughtUpOf = ({ log, journal }: AccountFile, { lineTimes, caughtUp }: OpenAccountPorts): CaughtUp =>
  createCaughtUp({ log, head: journal.head, patienceMs: lineTimes.pagePatienceMs, told: caughtUp })

type AskingParts = Pick<AccountFile, 'journal' | 'addresses' | 'now'> & { readonly groups: GroupCache }

/** What the account tells WhatsApp and asks it, apart from messages. */
function asking(
  link: Link,
  { groups, ...parts }: AskingParts,
): Pick<OpenAccount, 'attention' | 'lookUp' | 'directory'> {
  return {
    attention: createAttention({ ...parts, groups, socket: () => openSocket(link) }),
    lookUp: async number => lookUp(openLine(link).socket, number),
    directory: createGroupDirectory({ ...parts, cache: groups, socket: () => openLine(link).socket }),
  }
}

/** What is cached in memory about other people and groups. */
function knownOf({ database, keys }: SessionStore, file: AccountFile, self: () => Person) {
  const { atomically, journal, now } = file
  const devices = createDeviceCache(now)
  const groups = createGroupCache({ now, complete: journal.complete, self, answered: noteTimerTo(file) })
  const groupKeys = createGroupKeys({ database, keys, atomically, groups, devices, now })
  const forBaileys = { cachedGroup: groups.known, devices: devices.store }
  return { devices, groups, groupKeys, forBaileys, forSending: { ...groups, refresh: groupKeys.ready } }
}

/** Notes the timer in a group's description. The description is current, so the timer counts as set now. */
const noteTimerTo =
  ({ atomically, timers, now }: AccountFile) =>
  ({ id, ephemeralDuration = 0 }: GroupMetadata): void => {
    const group = groupOfJid(id)
    const timer = { seconds: ephemeralDuration, setAt: Math.floor(now() / 1_000) }
    if (group && (timers.of({ kind: 'group', group })?.seconds ?? 0) !== ephemeralDuration) {
      atomically(() => timers.note({ kind: 'group', group }, timer))
    }
  }

const remarksTo = (log: Log) => ({
  leftOut: () => log.warn({}, 'device left out'),
  refused: () => log.warn({}, 'retry refused'),
})

/** What every connection is created with, also one for a pairing. */
const settingsOf = ({ url, log, lineTimes, heard, trace }: OpenAccountPorts) => ({
  url,
  log,
  trace,
  isRouted: () => true,
  keepAliveMs: lineTimes.keepAliveMs,
  heard,
})

function filesOf(parts: RenderingPorts): Pick<OpenAccount, 'render' | 'fetch' | 'release'> {
  const { fetch, release } = parts.files
  return { render: createRendering(parts), fetch, release }
}

function outgoingOf(link: Link, parts: Omit<OutgoingPorts, 'line'>): Pick<OpenAccount, 'link'> & Outgoing {
  return {
    link: { ...link, stop: () => link.stop().finally(() => parts.transmitter.lost()) },
    ...createOutgoing({ ...parts, line: () => openLine(link) }),
  }
}

type LinkMakings = {
  readonly ports: OpenAccountPorts
  readonly auth: () => AuthenticationState
  readonly phone: () => Phone
  readonly now: () => number
  readonly settings: Omit<ConnectionSettings, 'version'>
  readonly caughtUp: CaughtUp
  readonly line: Pick<
    LinkedLineParts,
    'storageGuard' | 'intake' | 'knowledge' | 'loggedIn' | 'recoveries' | 'store' | 'transmitter' | 'lock' | 'tokens'
  >
}

/** Creates the account's link and the parts that outlive a single connection. */
function linkWith({ ports, auth, phone, now, settings, line, caughtUp }: LinkMakings): Link {
  const { messageAcks, log, lineTimes, backlog, unknown } = ports
  const follow = createBacklog({
    times: lineTimes,
    elapsed: () => performance.now(),
    told: backlog,
    over: caughtUp.over,
  })
  const routing = createRouting()
  const lasting = {
    ...line,
    follow,
    caughtUp,
    routing,
    messageAcks,
    log,
    unknownKinds: createUnknownKinds(log, unknown),
  }
  const up = lineUp(phone, now)
  return createLink({
    ...ports,
    backoff: createBackoff(ports.random),
    opened: up.state,
    connect: (version, listener) => {
      const login = auth()
      const open: LinkedLineParts['open'] = (to, heard) =>
        openConnection(
          login,
          { ...settings, version, isRouted: routing.isShown, heard: both(settings.heard, heard) },
          to,
        )
      return openLinkedLine({ ...lasting, creds: login.creds, listener: up.begunWith(listener), open })
    },
  })
}

/** The state that the account reports while its connection is up. */
function lineUp(phone: () => Phone, now: () => number) {
  let since = 0
  return {
    begunWith: (listener: LinkListener): LinkListener => ({
      ...listener,
      opened: () => {
        since = now()
        listener.opened()
      },
    }),
    state: (isStalled: boolean): LineUp =>
      isStalled
        ? { status: 'degraded', reason: 'backlog_stalled', permanent: false, phone: phone(), since }
        : { status: 'connected', phone: phone(), since },
  }
}

const both =
  (first: (stanza: BinaryNode) => void, second: (stanza: BinaryNode) => void) =>
  (stanza: BinaryNode): void => {
    first(stanza)
    second(stanza)
  }

function openLine(link: Link): Connection {
  const connection = link.connection()
  if (!connection?.isOpen()) throw unreachable('no_network')
  return connection
}

function openSocket(link: Link): WASocket | null {
  const connection = link.connection()
  return connection?.isOpen() ? connection.socket : null
}

async function pingOn(connection: Connection): Promise<void> {
  try {
    await connection.ping(PING_MS)
  } catch {
    throw unreachable('refused')
  }
}

const loginOf = (creds: AuthenticationCreds | null, keys: SignalKeyStore): AuthenticationState | null =>
  creds && { creds, keys }

function credsOf(login: AuthenticationState | null): AuthenticationCreds {
  if (!login) throw new ChannelError('not_paired')
  return login.creds
}

/** The linked number of a login; every login has one. */
function selfOf(login: AuthenticationState | null): Person {
  const person = personOfJids(login?.creds.me?.id, login?.creds.me?.lid)
  if (!person) throw new ChannelError('not_paired')
  return person
}

function phoneOf(login: AuthenticationState | null): Phone {
  const { phone } = selfOf(login)
  if (!phone) throw new ChannelError('not_paired')
  return phone
}
