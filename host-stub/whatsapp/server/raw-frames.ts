import type { Connection } from '../wire/connection.ts'
import type { ParsedOf, Responses } from '../contract/control-contract.ts'
import { count } from '../world/ledger.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { attribute, child, children, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/**
 * Writes raw frames to the connections of a phone's devices, or of all clients that wait to be linked. From the first call on it
 * counts what clients send, and no longer objects to how they answer. Returns the number of written frames.
 */
export function writeFrames(world: World, { name, frames }: ParsedOf<'faults/write'>): { written: number } {
  world.said ??= {}
  const lines = linesOf(world, name)
  for (const written of frames) for (const line of lines) line.write(Buffer.from(written, 'base64'))
  return { written: frames.length * lines.length }
}

/**
 * What clients have sent since the first of these frames, by kind; and the ids that they answered more than once, with the answers.
 */
export function readSaid({ said, answered }: World): Responses['faults/said'] {
  return { said: said ?? {}, twice: Object.fromEntries([...answered].filter(([, answers]) => answers.length > 1)) }
}

/** Counts a stanza of a client, once frames were written. */
export function noteSaid({ said, answered }: World, node: Stanza): void {
  if (!said) return
  count(said, kindOf(node))
  if (node.tag !== 'ack' && node.tag !== 'receipt') return
  const how = `${node.tag} ${attribute(node, 'class') ?? attribute(node, 'type') ?? ''}`.trimEnd()
  for (const id of idsIn(node)) answered.set(id, [...(answered.get(id) ?? []), how])
}

/** The ids that a receipt answers; further ids are in its list. */
function idsIn(node: Stanza): string[] {
  const named = children(child(node, 'list') ?? stanza('list')).map(item => attribute(item, 'id'))
  return [attribute(node, 'id'), ...named].filter(id => id !== undefined)
}

/** Whether the stanza may answer a frame that the network itself does not understand. */
export function mayAnswerFrame({ said }: World, { tag }: Stanza): boolean {
  return said !== null && (tag === 'ack' || tag === 'receipt')
}

/** Whether the stanza may be a query about such a frame, which the network cannot answer. */
export function asksAboutFrame({ said }: World, node: Stanza): boolean {
  return said !== null && node.tag === 'iq' && attribute(node, 'type') !== 'result'
}

/** The tag of an answer, and the topic of a query. There are only as many kinds as clients know, whatever frames they got. */
function kindOf(node: Stanza): string {
  if (node.tag === 'ack' || node.tag === 'receipt') return node.tag
  if (node.tag !== 'iq') return node.tag
  return `iq ${attribute(node, 'type') ?? 'none'} ${attribute(node, 'xmlns') ?? 'none'}`
}

function linesOf(world: World, name: string | null): Connection[] {
  if (name === null) return [...world.registrations].map(({ connection }) => connection)
  const companions = [...phoneNamed(world, name).companions.values()]
  return companions.flatMap(({ connection }) => (connection ? [connection] : []))
}
