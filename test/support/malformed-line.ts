import { randomUUID } from 'node:crypto'
import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys'

import { chatWith, type LogLine } from './gateway.ts'
import type { JournalTown } from './journal-town.ts'
import { malformedOnes } from './malformed-stanza.ts'
import type { StanzaKinds, StanzaScene } from './stanza-kinds.ts'

/** What a linked gateway made of malformed stanzas. */
export type Reactions = {
  /** How often it said what meanwhile besides acks and receipts: by tag, queries by type and namespace. */
  readonly said: Readonly<Record<string, number>>
  /** What it logged as having failed: a rejection that nobody handled, an end of the process. */
  readonly faults: readonly string[]
  /** The states that its account was in after they came. */
  readonly states: readonly string[]
}

/** Of so many at a time it is waited that they were taken, so that neither side has to keep all of them. */
const BATCH = 250
/** Each stanza may have one of the first two; the third is the gateway's own, to a line that is quiet. */
const USUAL = new Set(['ack', 'receipt', 'iq get w:p'])
const FAULTS = new Set(['unhandled_rejection', 'gateway_down', 'gateway_refused'])

/** Says to a linked gateway what no server would, so many in all and as many of each kind; then a good message is read and answered. */
export async function malformedStory(
  town: JournalTown,
  kindsOf: (scene: StanzaScene) => StanzaKinds,
  { inAll, seed }: { readonly inAll: number; readonly seed: number },
): Promise<Reactions> {
  const { network, gateway, owner, alice } = town
  const group = await network.group('yard', [owner, alice])
  await isAnswered(town)
  const [events, lines] = [gateway.events.length, gateway.lines.length]
  // From here on it is counted.
  await network.faults.write(owner, [])
  const kinds = Object.values(kindsOf({ owner, alice, group }))
  const count = Math.ceil(inAll / kinds.length)
  for (const good of kinds) {
    const frames = await readable(malformedOnes(good, count, seed).map(({ stanza }) => encodeBinaryNode(stanza)))
    for (let from = 0; from < frames.length; from += BATCH) {
      await network.faults.write(owner, frames.slice(from, from + BATCH))
      await isRead(town)
    }
  }
  const said = await network.faults.said()
  await isAnswered(town)
  return {
    said: Object.fromEntries(Object.entries(said).filter(([kind]) => !USUAL.has(kind))),
    faults: gateway.lines.slice(lines).filter(isFault).map(describe),
    states: gateway.events.slice(events).flatMap(each => (each.event === 'connection' ? [each.state.status] : [])),
  }
}

async function isAnswered(town: JournalTown): Promise<void> {
  const { gateway, owner, alice } = town
  await isRead(town)
  const mark = randomUUID()
  await gateway.say(chatWith(alice), mark.replaceAll('-', ''), `answer ${mark}`)
  await alice.hears(({ text }) => text === `answer ${mark}`, { from: owner, withinMs: 30_000 })
}

/** Some of what stanzas are made of here has no bytes that stand for it: what cannot be read at all is another story. */
async function readable(frames: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const read = await Promise.allSettled(frames.map(frame => decodeBinaryNode(Buffer.from(frame))))
  return frames.filter((_, index) => read[index]?.status === 'fulfilled')
}

async function isRead({ gateway, owner, alice }: JournalTown): Promise<void> {
  const text = `good ${randomUUID()}`
  await alice.says(text, { to: owner })
  await gateway.entry(
    entry => entry.kind === 'message' && 'text' in entry.message.content && entry.message.content.text === text,
  )
}

const isFault = ({ event }: LogLine): boolean => FAULTS.has(event)
const describe = ({ event, fields }: LogLine): string => `${event} ${JSON.stringify(fields)}`
