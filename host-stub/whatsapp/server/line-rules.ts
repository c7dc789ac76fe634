import type { Companion } from '../world/accounts.ts'
import type { Connection } from '../wire/connection.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { attribute, secondsNow, serverAddress, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

const MS_IN_S = 1_000
/** The unanswered pings of each connection; a ping without an id is ''. */
const pinged = new WeakMap<Connection, Set<string>>()

/** Checks for as long as the connection lasts that the client answers everything that it gets, and the pings. */
export function watchLine({ behaviours }: World, companion: Companion, connection: Connection): void {
  const { owed_answer_ends_stream_s: owedS, server_pings_s: pingS } = behaviours
  if (owedS !== null) eachTime(connection, owedS, () => endWhenOwed(companion, connection))
  if (pingS !== null) eachTime(connection, pingS, () => ping(connection, behaviours.server_pings_have_id))
}

/** Handles a query result of a linked device: the answer to a ping. */
export function takePong({ ledger }: World, { connection }: Companion, node: Stanza): void {
  if (connection && pinged.get(connection)?.delete(attribute(node, 'id') ?? '')) ledger.write(page => (page.pongs += 1))
}

function endWhenOwed({ queue }: Companion, connection: Connection): void {
  const { owed } = queue
  if (!owed) return
  const answer = stanza('ack', { class: owed.tag, id: attribute(owed, 'id') })
  connection.end(stanza('stream:error', {}, [answer]))
}

function ping(connection: Connection, hasId: boolean): void {
  const waiting = pinged.get(connection) ?? new Set()
  pinged.set(connection, waiting)
  if (waiting.size > 0) return connection.end(stanza('stream:error', { code: '503' }))
  const id = hasId ? makeMessageId() : undefined
  waiting.add(id ?? '')
  connection.send(stanza('iq', { from: serverAddress, id, t: secondsNow(), type: 'get', xmlns: 'urn:xmpp:ping' }))
}

function eachTime(connection: Connection, seconds: number, doIt: () => void): void {
  const timer = setInterval(() => {
    if (connection.isOpen) doIt()
    else clearInterval(timer)
  }, seconds * MS_IN_S).unref()
}
