import type { AuthenticationCreds, AuthenticationState, BinaryNode, SignalKeyStore } from '@whiskeysockets/baileys'

import { createBackoff } from '../contract/backoff.ts'
import type { ConnectionState } from '../contract/connection.ts'
import type { TransmitOutcome } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors.ts'
import type { Log } from '../contract/host.ts'
import type { Person, Phone } from '../contract/ids.ts'
import { openConnection, type Connection, type ConnectionListener } from './connection.ts'
import { createGroupCache } from './group-cache.ts'
import { personOfJids } from './identity.ts'
import { createIntake, type Intake } from './intake.ts'
import { openJournal, type Journal } from './journal.ts'
import { createLink, type Link } from './link.ts'
import { observedKeys } from './observed-keys.ts'
import type { PendingLogin } from './pairing.ts'
import type { SessionStore } from './session-store.ts'
import { createTransmitter, type Transmission, type Transmitter } from './transmitter.ts'

/** What an open account needs of the process around it. */
export type OpenAccountPorts = {
  /** Null: WhatsApp itself. */
  readonly url: string | null
  readonly log: Log
  readonly now: () => number
  readonly random: () => number
  readonly report: (state: ConnectionState) => void
  /** The journal has grown to this number. */
  readonly grown: (head: number) => void
}

/** An account whose file is open: its journal, its login and the link that keeps it connected. */
export type OpenAccount = {
  readonly journal: Journal
  readonly link: Link
  readonly hasLogin: () => boolean
  /** One connection that is not the link's: for a pairing. */
  readonly connect: (login: AuthenticationState, listener: ConnectionListener) => Connection
  /** Makes a new login durable in the place of the old one. */
  readonly adopt: (login: PendingLogin) => void
  readonly ping: () => Promise<{ phone: string }>
  readonly transmit: (transmission: Transmission) => Promise<TransmitOutcome>
}

const PING_MS = 10_000

/** Opens what an account consists of on its file; nothing is connected yet. */
export function openAccount(store: SessionStore, ports: OpenAccountPorts): OpenAccount {
  const { now } = ports
  const journal = openJournal(store.database, now)
  const groups = createGroupCache(now)
  const transmitter = createTransmitter(groups)
  const grown = (): void => ports.grown(journal.head())
  const keys = observedKeys(store.keys, person => {
    if (journal.addIdentity(person)) grown()
  })
  let login = loginOf(store.creds(), keys)

  const settings = { url: ports.url, log: ports.log, sent: journal.sent, cachedGroup: groups.known }
  const connect: OpenAccount['connect'] = (auth, listener) => openConnection(auth, settings, listener)
  const intake = createIntake({ journal, groups, now, grown, self: () => selfOf(login) })
  const link = createLink({
    now,
    backoff: createBackoff(ports.random),
    report: ports.report,
    opened: () => ({ status: 'connected', phone: phoneOf(login), since: now() }),
    connect: listener => connectLinked({ auth: login, connect, intake, listener, store, transmitter }),
  })
  const current = (): Connection => {
    const connection = link.connection()
    if (!connection?.isOpen()) throw new ChannelError('gateway_unreachable')
    return connection
  }
  return {
    journal,
    connect,
    link: { ...link, stop: () => link.stop().finally(() => transmitter.lost()) },
    hasLogin: () => login !== null,
    adopt: ({ creds, held }) => {
      store.replaceLogin(creds, held)
      login = { creds, keys }
    },
    ping: async () => {
      await pingOn(current())
      return { phone: phoneOf(login) }
    },
    transmit: transmission => {
      const connection = current()
      journal.keepSent(transmission.stanzaId, transmission.bytes)
      return transmitter.transmit(transmission, connection)
    },
  }
}

type LinkedParts = {
  readonly auth: AuthenticationState | null
  readonly connect: OpenAccount['connect']
  readonly intake: Intake
  readonly listener: Pick<ConnectionListener, 'opened' | 'closed'>
  readonly store: SessionStore
  readonly transmitter: Transmitter
}

/** A connection with the account's login: what it reports is kept, and its acks and its end settle what was written. */
function connectLinked({ auth, connect, intake, listener, store, transmitter }: LinkedParts): Connection {
  if (!auth) throw new ChannelError('not_paired')
  const connection = connect(auth, {
    opened: listener.opened,
    closed: closing => {
      transmitter.lost()
      listener.closed(closing)
    },
    reported: (event, payload) => {
      if (event === 'creds.update') store.saveCreds(auth.creds)
      else intake(event, payload)
    },
  })
  connection.socket.ws.on('CB:ack,class:message', (ack: BinaryNode) => transmitter.acknowledged(ack))
  return connection
}

async function pingOn(connection: Connection): Promise<void> {
  try {
    await connection.ping(PING_MS)
  } catch {
    throw new ChannelError('gateway_unreachable')
  }
}

const loginOf = (creds: AuthenticationCreds | null, keys: SignalKeyStore): AuthenticationState | null =>
  creds && { creds, keys }

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
