import type { WebSocket } from 'ws'
import { companionName } from '../world/accounts.ts'
import { certificateChain } from '../world/certificate.ts'
import { refuseStanza, takeCodeStanza } from '../linking/code-pairing.ts'
import { Connection, type Closing } from '../wire/connection.ts'
import { dispatch } from './dispatch.ts'
import { instantNow } from '../world/ledger.ts'
import { admit, type Visitor } from './login.ts'
import { takeAnswer } from '../linking/pairing.ts'
import { takePasskeyStanza } from '../linking/passkey-linking.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import { asksAboutFrame, mayAnswerFrame, noteSaid } from './raw-frames.ts'
import type { Registration } from '../world/registration.ts'
import { attribute, outline, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Handles one client's connection from its first byte to its last; `query` is the query part of its URL. */
export function receiveVisit(world: World, socket: WebSocket, query: URLSearchParams): void {
  let visitor: Visitor | undefined
  const keys = {
    staticKey: world.authority.staticKey,
    certificate: certificateChain(world.authority, world.faults.certificate),
    routing: query.has('ED') ? Buffer.from(query.get('ED') ?? '', 'base64url') : null,
  }
  const connection: Connection = new Connection(socket, keys, {
    greeted: greeting => {
      visitor = admit(world, connection, greeting)
    },
    received: node => {
      noteSaid(world, node)
      if (visitor && 'companion' in visitor) dispatch(world, visitor.companion, node)
      else if (visitor) takeRegistrationStanza(world, visitor, node)
    },
    closed: closing => leave(world, { visitor, connection, closing }),
    broke: why => world.ledger.write(page => page.unknown.push({ stanza: 'unreadable', why })),
  })
  world.lines.add(connection)
}

function takeRegistrationStanza(
  world: World,
  { registration }: Extract<Visitor, { registration: unknown }>,
  node: Stanza,
): void {
  const expected =
    takeCode(world, registration, node) ||
    takeAnswer(registration, node) ||
    (node.tag === 'iq' && attribute(node, 'type') === 'result') ||
    node.tag === 'presence' ||
    node.tag === 'ib' ||
    mayAnswerFrame(world, node)
  if (attribute(node, 'xmlns') === 'w:p') {
    registration.connection.send({ tag: 'iq', attrs: { type: 'result', id: attribute(node, 'id') ?? '' } })
  } else if (!expected && asksAboutFrame(world, node)) {
    refuseStanza(registration, attribute(node, 'id'), badRequest)
  } else if (!expected) {
    world.ledger.write(page => page.unknown.push({ stanza: outline(node), why: 'before being linked' }))
  }
}

const badRequest = 400

function takeCode(world: World, registration: Registration, node: Stanza): boolean {
  try {
    return takeCodeStanza(world, registration, node) || takePasskeyStanza(world, registration, node)
  } catch (error) {
    if (!(error instanceof ProtocolBreach)) throw error
    if (!asksAboutFrame(world, node)) {
      world.ledger.write(page => page.unknown.push({ stanza: outline(node), why: error.message }))
    }
    refuseStanza(registration, attribute(node, 'id'), badRequest)
    return true
  }
}

function leave(
  world: World,
  { visitor, connection, closing }: { visitor: Visitor | undefined; connection: Connection; closing: Closing },
): void {
  world.lines.delete(connection)
  const companion = visitor && 'companion' in visitor ? visitor.companion : undefined
  if (visitor && 'registration' in visitor) {
    world.registrations.delete(visitor.registration)
    visitor.registration.codeRequest?.finish?.(undefined)
    visitor.registration.conclude?.(undefined)
  }
  companion?.queue.detach(connection)
  if (companion?.connection === connection) companion.connection = undefined
  const device = companion ? companionName(companion) : visitor ? 'unlinked' : 'unknown'
  world.ledger.write(page => page.closings.push({ device, how: closing, at: instantNow() }))
}
