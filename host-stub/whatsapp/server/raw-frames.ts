import type { Connection } from '../wire/connection.ts'
import type { ParsedOf, Responses } from '../contract/control-contract.ts'
import { count } from '../world/ledger.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { attribute, child, children, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/**
 * Writes frames as they are, whatever stands in them, to the lines of a phone's devices, or of all clients that wait to be
 * linked. From the first one on it is counted what clients say, and nobody minds what they answer. Returns how many were written.
 */
export function writeFrames(world: World, { name, frames }: ParsedOf<'faults/write'>): { written: number } {
  world.said ??= {}
  const lines = linesOf(world, name)
  for (const written of frames) for (const line of lines) line.write(Buffer.from(written, 'base64'))
  return { written: frames.length * lines.length }
}

/** What clients have said since the first of these frames, by its kind; and of what they answered more than once, how. */
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

/** One receipt may answer several: the others stand in its list. */
function idsIn(node: Stanza): string[] {
  const named = children(child(node, 'list') ?? stanza('list')).map(item => attribute(item, 'id'))
  return [attribute(node, 'id'), ...named].filter(id => id !== undefined)
}

/** Whether it may be the answer to a frame that the network itself does not understand. */
export function mayAnswerFrame({ said }: World, { tag }: Stanza): boolean {
  return said !== null && (tag === 'ack' || tag === 'receipt')
}

/** Whether it may ask for more about such a frame, of which there is none. */
export function asksAboutFrame({ said }: World, node: Stanza): boolean {
  return said !== null && node.tag === 'iq' && attribute(node, 'type') !== 'result'
}

/** Of an answer its tag, of a query what it is about: no more kinds than clients know, whatever they were told. */
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
