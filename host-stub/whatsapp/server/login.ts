import { proto } from '@whiskeysockets/baileys'
import { companionName, personalAddress, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { announceExpiration } from '../protocol/client-expiration.ts'
import type { Connection } from '../wire/connection.ts'
import { replaced } from '../protocol/endings.ts'
import { takeFault, type LoginFault } from '../world/faults.ts'
import { instantNow } from '../world/ledger.ts'
import type { Greeting } from '../wire/noise.ts'
import { watchLine } from './line-rules.ts'
import { offerCodes } from '../linking/pairing.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import type { Registration } from '../world/registration.ts'
import { bigEndian, readBigEndian, secondsNow, stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'
import { isSignedPreKey } from '../crypto/xeddsa.ts'

/** The client at the other end of a connection. */
export type Visitor = { registration: Registration } | { companion: Companion }

const loggedOut = 401
const outdated = 405
const unavailable = 503
const routingBytes = 6

const routingOf = ({ number }: Companion): Buffer => bigEndian(number, routingBytes)

/** Whether the client sends, before its first frame, the routing that the device got at an earlier login. */
const isRouted = ({ routing }: Connection, companion: Companion): boolean =>
  routing?.equals(routingOf(companion)) ?? false

/** Decides from the first payload whether the client wants to be linked or is linked already; undefined if it is refused. */
export function admit(world: World, connection: Connection, { payload, clientKey }: Greeting): Visitor | undefined {
  const wish = proto.ClientPayload.decode(payload)
  const revision = wish.userAgent?.appVersion?.tertiary ?? 0
  if (wish.devicePairingData) {
    const turnedAway = takeFault(world.faults.registrations) ?? outdatedPairing(world, revision)
    if (turnedAway) {
      refuse(world, connection, { device: 'unlinked', revision, ...turnedAway })
      return undefined
    }
    return { registration: register(world, connection, { clientKey, wish }) }
  }
  const address = { user: String(wish.username), server: 's.whatsapp.net', device: 0 } as const
  const companion = world.accounts.at(address)?.companions.get(wish.device ?? 0)
  if (!companion?.noiseKey.equals(clientKey)) {
    refuse(world, connection, { device: companion ? companionName(companion) : 'unknown', reason: loggedOut, revision })
    return undefined
  }
  if (revision < (world.behaviours.version_floor_logins ?? 0)) {
    refuse(world, connection, { device: companionName(companion), reason: outdated, revision })
    return undefined
  }
  if (world.behaviours.requires_routing && companion.routed && !isRouted(connection, companion)) {
    refuse(world, connection, { device: companionName(companion), reason: unavailable, revision })
    return undefined
  }
  const fault = takeFault(companion.account.faults.logins)
  if (fault) {
    refuse(world, connection, { device: companionName(companion), revision, ...fault })
    return undefined
  }
  logIn(world, { connection, companion, revision })
  return { companion }
}

function register(
  world: World,
  connection: Connection,
  { clientKey, wish }: { clientKey: Buffer; wish: proto.ClientPayload },
): Registration {
  const keys = wish.devicePairingData
  const identityKey = Buffer.from(keys?.eIdent ?? [])
  const publicKey = Buffer.from(keys?.eSkeyVal ?? [])
  const signature = Buffer.from(keys?.eSkeySig ?? [])
  const keyId = readBigEndian(keys?.eSkeyId ?? undefined)
  const registrationId = readBigEndian(keys?.eRegid ?? undefined)
  if (keyId === undefined || registrationId === undefined || !isSignedPreKey(identityKey, publicKey, signature)) {
    throw new ProtocolBreach('registration whose signed pre-key is not signed')
  }
  const properties = proto.DeviceProps.decode(keys?.deviceProps ?? new Uint8Array())
  const registration = {
    connection,
    revision: wish.userAgent?.appVersion?.tertiary ?? 0,
    noiseKey: clientKey,
    identityKey,
    registrationId,
    signedPreKey: { keyId, publicKey, signature },
    shownAs: properties.os ?? '',
    platform: properties.platformType ?? 0,
    refs: [],
    offeredAt: 0,
    codeRequest: undefined,
    passkey: undefined,
    conclude: undefined,
  }
  world.registrations.add(registration)
  if (world.faults.door !== 'mute') offerCodes(registration)
  return registration
}

/** The refusal of a version below the floor for pairings; undefined if the phone is to refuse it instead. */
function outdatedPairing({ behaviours }: World, revision: number): Pick<LoginFault, 'reason'> | undefined {
  const isRefused = !behaviours.outdated_pairings_fail_silently && revision < (behaviours.version_floor_pairings ?? 0)
  return isRefused ? { reason: outdated } : undefined
}

function refuse(
  world: World,
  connection: Connection,
  { device, reason, revision, expireS, ...words }: { device: string; revision: number } & Omit<LoginFault, 'times'>,
): void {
  world.ledger.write(page => page.failures.push({ device, reason, revision, at: instantNow() }))
  if (reason === outdated && world.behaviours.version_refusal === 'stream_error') {
    connection.end(stanza('stream:error', { code: String(reason) }))
    return
  }
  const attributes = {
    reason: String(reason),
    expire: expireS === undefined ? undefined : String(expireS),
    logout_message_header: words.header,
    logout_message_subtext: words.subtext,
    message: words.message,
    url: words.url,
  }
  connection.end(stanza('failure', { ...attributes, location: 'sim' }))
}

type Arrival = { connection: Connection; companion: Companion; revision: number }

function logIn(world: World, { connection, companion, revision }: Arrival): void {
  const { account, number, queue } = companion
  companion.connection?.end(replaced)
  companion.connection = connection
  queue.attach(connection)
  const device = companionName(companion)
  const [prefix, address] = [connection.routing, connection.routingInAddress].map(each => each?.toString('hex') ?? null)
  const routing = { prefix: prefix ?? null, address: address ?? null }
  world.ledger.write(page => page.logins.push({ device, at: instantNow(), offline: queue.size, revision, routing }))
  const lid = formatAddress({ ...personalAddress(account, 'lid'), device: number })
  connection.send(stanza('success', { t: secondsNow(), lid, location: 'sim' }))
  const told = stanza('routing_info', {}, routingOf(companion))
  connection.send(stanza('ib', {}, [stanza('edge_routing', {}, [told])]))
  companion.routed = true
  watchLine(world, companion, connection)
  if (world.behaviours.client_expiration !== null) announceExpiration(world, companion)
}
