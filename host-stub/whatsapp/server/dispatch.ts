import { companionName, personalAddress, type Companion } from '../world/accounts.ts'
import { formatAddress, parseAddress } from '../wire/address.ts'
import { placeOf } from '../protocol/addressing.ts'
import { answersAsPlanned } from './answer-faults.ts'
import { bootstrap } from '../phone/bootstrap.ts'
import { announceDevice } from '../protocol/device-notices.ts'
import { removeCompanion, replaced } from '../protocol/endings.ts'
import { count, instantNow } from '../world/ledger.ts'
import { answerEncrypt } from '../protocol/encrypt.ts'
import { answerGroups } from '../protocol/groups.ts'
import { answerMex } from '../protocol/mex.ts'
import { takePong } from './line-rules.ts'
import { ProtocolBreach, type Query } from '../protocol/query.ts'
import { settingsAnswers } from './settings.ts'
import { answerUsync } from '../protocol/usync.ts'
import { mayAnswerFrame } from './raw-frames.ts'
import { takeReceipt } from './receipts.ts'
import { routeMessage } from './routing.ts'
import { attribute, child, children, outline, serverAddress, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

const answers: Record<string, (query: Query) => Stanza[] | undefined> = {
  ...settingsAnswers,
  encrypt: answerEncrypt,
  usync: answerUsync,
  'w:g2': answerGroups,
  'w:mex': answerMex,
  passive: ({ node }) => {
    if (child(node)?.tag !== 'active') throw new ProtocolBreach('unknown passive query')
    return []
  },
  md: ({ node }) => {
    if (child(node)?.tag !== 'remove-companion-device') throw new ProtocolBreach('unknown md query')
    return []
  },
}

/** Passes a stanza of a linked device to its handler; an unknown stanza is recorded, and answered with 501 if it is a query. */
export function dispatch(world: World, companion: Companion, node: Stanza): void {
  try {
    if (node.tag === 'iq') answerQuery({ world, companion, node })
    else if (node.tag === 'message') routeMessage(world, companion, node)
    else if (node.tag === 'receipt') takeReceipt(world, companion, node)
    else if (node.tag === 'ack') takeAck(world, companion, node)
    else if (!isNotice(world, companion, node)) throw new ProtocolBreach('nobody knows this stanza')
  } catch (error) {
    if (mayAnswerFrame(world, node)) return
    const why = error instanceof ProtocolBreach ? error.message : `the network failed: ${String(error)}`
    world.ledger.write(page => page.unknown.push({ stanza: outline(node), why }))
    if (node.tag === 'iq')
      answer({ world, companion, node }, [stanza('error', { code: '501', text: 'feature-not-implemented' })])
  }
}

function takeAck(world: World, companion: Companion, node: Stanza): void {
  world.ledger.write(page => count(page.acked, attribute(node, 'class') ?? 'none'))
  companion.queue.settle(node)
}

function answerQuery({ world, companion, node }: Query): void {
  const xmlns = attribute(node, 'xmlns') ?? ''
  if (attribute(node, 'type') === 'result') return takePong(world, companion, node)
  world.ledger.write(page => count(page.queries, xmlns))
  const find = answers[xmlns]
  if (!find) throw new ProtocolBreach('unknown query')
  const found = find({ world, companion, node })
  if (!found) return
  if (isPublication(xmlns, node) && companion.account.faults.withholdKeyAnswers) return
  answer({ world, companion, node }, found)
  if (xmlns === 'passive') activate(world, companion)
  if (xmlns === 'md') {
    removeCompanion(companion)
    announceDevice(world, companion.account, { change: 'remove', device: companion.number })
  }
}

const isPublication = (xmlns: string, node: Stanza): boolean => xmlns === 'encrypt' && attribute(node, 'type') === 'set'

function answer({ world, companion, node: query }: Query, content: Stanza[]): void {
  const { account, connection, number } = companion
  const type = content[0]?.tag === 'error' ? 'error' : 'result'
  const attributes = { id: attribute(query, 'id'), from: attribute(query, 'to') ?? serverAddress, type }
  const to = formatAddress({ ...personalAddress(account, 's.whatsapp.net'), device: number })
  const right = stanza('iq', { ...attributes, to }, content)
  if (!answersAsPlanned(world, companion, { query, right })) connection?.send(right)
}

/** The device is ready: sends its backlog, and at its first login what every new device gets. */
function activate(world: World, companion: Companion): void {
  if (world.faults.door === 'drop_after_login') {
    companion.connection?.drop()
    return
  }
  if (world.faults.door === 'replace_after_login') {
    companion.connection?.end(replaced)
    return
  }
  const { offline_pages: pages, offline_preview: preview } = world.behaviours
  companion.queue.flush({ pages, preview, withholdMarker: companion.account.faults.withholdOffline })
  bootstrap(world, companion)
}

/** Handles stanzas that need no answer; false if it is another stanza. */
function isNotice(world: World, companion: Companion, node: Stanza): boolean {
  if (node.tag === 'presence') {
    const entry = { device: companionName(companion), type: attribute(node, 'type') ?? 'none', at: instantNow() }
    world.ledger.write(page => page.presences.push(entry))
    return true
  }
  if (node.tag === 'chatstate') {
    const state = children(node)[0]?.tag ?? 'none'
    const to = placeOf(parseAddress(attribute(node, 'to')))
    const entry = { device: companionName(companion), state, to, at: instantNow() }
    world.ledger.write(page => page.typing.push(entry))
    return true
  }
  const notice = node.tag === 'ib' ? child(node)?.tag : undefined
  if (notice === 'offline_batch') takePageRequest(world, companion, node)
  return notice === 'offline_batch' || notice === 'unified_session'
}

/** The device requests more of its backlog. */
function takePageRequest(world: World, companion: Companion, node: Stanza): void {
  const asked = Number(attribute(child(node) ?? node, 'count'))
  if (!Number.isInteger(asked) || asked < 1) throw new ProtocolBreach('asked for no number of stanzas')
  world.ledger.write(page =>
    page.pages_asked.push({ device: companionName(companion), count: asked, at: instantNow() }),
  )
  const { faults } = companion.account
  if (faults.withheldPages > 0) faults.withheldPages -= 1
  else companion.queue.more(asked)
}
