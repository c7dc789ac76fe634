import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys'

import type { Log } from '../../contract/host.ts'
import type { BacklogLine, Following } from '../inbound/backlog.ts'
import type { CaughtUp } from '../inbound/caught-up.ts'
import type { Connection, ConnectionListener } from '../connection/socket.ts'
import type { StorageGuard } from '../storage-guard.ts'
import type { Intake } from '../inbound/event-ingest.ts'
import type { Knowledge } from '../recipients/knowledge.ts'
import type { LinkListener } from '../connection/reconnect.ts'
import { createMessageAcks } from '../stanzas/message-acks.ts'
import type { Recoveries } from '../tables/recoveries.ts'
import { resume } from '../inbound/recovery.ts'
import type { Routing } from '../connection/edge-routing.ts'
import type { SessionStore } from '../state/session-store.ts'
import { UNWANTED } from '../outbound/second-transmission.ts'
import { isUnknown } from '../stanzas/stanza-answers.ts'
import type { TimeLockWatch } from '../messages/time-lock.ts'
import type { Tokens } from '../recipients/privacy-tokens.ts'
import type { Transmitter } from '../outbound/transmitter.ts'
import type { UnknownKinds } from '../stanzas/unknown-kinds.ts'

/** What a connection with an account's login needs from the account. */
export type LinkedLineParts = {
  readonly creds: AuthenticationCreds
  readonly open: (listener: ConnectionListener, heard: (stanza: BinaryNode) => void) => Connection
  readonly storageGuard: StorageGuard
  readonly intake: Intake
  readonly knowledge: Knowledge
  readonly recoveries: Recoveries
  readonly listener: LinkListener
  readonly loggedIn: (success: BinaryNode) => void
  readonly store: SessionStore
  readonly transmitter: Transmitter
  readonly lock: TimeLockWatch
  readonly tokens: Tokens
  readonly follow: (line: BacklogLine) => Following
  readonly caughtUp: Pick<CaughtUp, 'ended'>
  readonly unknownKinds: UnknownKinds
  readonly messageAcks: boolean
  readonly routing: Routing
  readonly log: Log
}

/**
 * Opens a connection with the account's login. Stores what the connection reports; its acks and its end settle what was written.
 */
export function openLinkedLine(parts: LinkedLineParts): Connection {
  const { creds, open, storageGuard, intake, listener, store, transmitter, lock, tokens } = parts
  const write = (stanza: BinaryNode): void => void connection.socket.sendNode(stanza).catch(() => undefined)
  const acks = createMessageAcks(parts.messageAcks, write)
  const following = followed(parts, { write, drop: () => connection.drop() })
  parts.knowledge.connecting()
  const connection = open(
    {
      ...listener,
      opened: () => {
        ;[listener.opened, following.opened].forEach(each => each())
        resume(parts.recoveries, connection)
      },
      closed: closing => {
        following.ended()
        parts.routing.ended(closing.attested)
        transmitter.lost()
        listener.closed(closing)
      },
      reported: (event, payload) => {
        storageGuard.guard(() => {
          lock.reported(event, payload)
          tokens.reported(event, payload)
          if (event === 'creds.update') store.saveCreds(creds)
          else intake(event, payload)
        })
        if (event === 'messages.upsert' && 'messages' in payload) acks.read(payload.messages)
      },
    },
    stanza => {
      ;[following.heard, transmitter.named].forEach(each => each(stanza))
      if (isUnknown(stanza)) parts.unknownKinds.came(stanza.tag)
      if (stanza.tag === 'message') acks.arrived(stanza)
    },
  )
  storageGuard.protect(connection.cut)
  hearAcks(connection, parts)
  return {
    ...connection,
    end: () => {
      following.ended()
      return connection.end()
    },
  }
}

function followed(parts: LinkedLineParts, ways: Parameters<typeof lineOf>[1]): Following {
  const following = parts.follow(lineOf(parts, ways))
  return { ...following, ended: () => [following.ended, parts.caughtUp.ended].forEach(each => each()) }
}

function lineOf(
  { listener, log }: Pick<LinkedLineParts, 'listener' | 'log'>,
  { write, drop }: { write: (stanza: BinaryNode) => void; drop: () => void },
): BacklogLine {
  return {
    ask: count => write({ tag: 'ib', attrs: {}, content: [{ tag: 'offline_batch', attrs: { count: String(count) } }] }),
    renew: () => {
      log.warn({}, 'connection renewed for the backlog')
      drop()
    },
    stalled: listener.stalled,
  }
}

function hearAcks({ socket }: Connection, { knowledge, loggedIn, transmitter, lock }: LinkedLineParts): void {
  socket.ws.on('CB:success', loggedIn)
  socket.ws.on('CB:ack,class:message', (ack: BinaryNode) => {
    // Baileys would ask here as well, but never gets there: an earlier branch takes every 463 for a missing token.
    if (Number(ack.attrs['error']) === UNWANTED) lock.refused(socket)
    knowledge.acknowledged(ack)
    transmitter.acknowledged(ack)
  })
}
