import { randomUUID } from 'node:crypto'
import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys'

import type { InboundMessage } from '../../plugin/contract/message.ts'
import { chatWith, type LogLine } from './gateway.ts'
import type { JournalTown } from './journal-town.ts'
import { malformedOnes } from './malformed-stanza.ts'
import type { StanzaScene } from './stanza-kinds.ts'
import type { StanzaKinds } from './stanza-parts.ts'

/** What a linked gateway made of malformed stanzas. */
export type Reactions = {
  /** How often it said what meanwhile besides acks and receipts: by tag, queries by type and namespace. */
  readonly said: Readonly<Record<string, number>>
  /** What it has answered more than once: what was done to a good stanza, and how it was answered. */
  readonly twice: readonly string[]
  /** What it logged as having failed: a rejection that nobody handled, an end of the process. */
  readonly faults: readonly string[]
  /** The states that its account was in after they came. */
  readonly states: readonly string[]
}

/** Of so many at a time it is waited that they were taken, so that neither side has to keep all of them. */
const BATCH = 250
/** What the network takes at once. */
const BATCH_MOST_BYTES = 2_000_000
/** Each stanza may have one of the first two; the third is the gateway's own, to a line that is quiet. */
export const USUAL = new Set(['ack', 'receipt', 'iq get w:p'])
/** How far the journal was looked at. */
export type Cursor = { at: number }

const FAULTS = new Set(['unhandled rejection', 'gateway ended', 'gateway not started'])

/** Says to a linked gateway what no server would, so many in all and as many of each kind; then a good message is read and answered. */
export async function malformedStory(
  town: JournalTown,
  kindsOf: (scene: StanzaScene) => StanzaKinds,
  { inAll, seed }: { readonly inAll: number; readonly seed: number },
): Promise<Reactions> {
  const { network, gateway, owner, alice } = town
  const cursor: Cursor = { at: 0 }
  const group = await network.group('yard', [owner, alice])
  await isAnswered(town, cursor)
  const [events, lines] = [gateway.events.length, gateway.lines.length]
  // From here on it is counted.
  await network.faults.write(owner, [])
  const kinds = Object.entries(kindsOf({ owner, alice, group }))
  const count = Math.ceil(inAll / kinds.length)
  const written: Written = new Map()
  for (const [index, [name, good]] of kinds.entries()) {
    const ones = malformedOnes(good, count, { seed, named: `${seed}K${index}` })
    for (const { stanza, how } of ones) note(written, stanza.attrs['id'], `${name}: ${how}`)
    const frames = await readable(ones.map(({ stanza }) => encodeBinaryNode(stanza)))
    for (const batch of batchesOf(frames)) {
      await network.faults.write(owner, batch)
      await isRead(town, cursor)
    }
  }
  const said = await network.faults.said()
  await isAnswered(town, cursor)
  return {
    said: Object.fromEntries(Object.entries(said).filter(([kind]) => !USUAL.has(kind))),
    twice: twiceOf(written, await network.faults.answeredTwice()),
    faults: gateway.lines.slice(lines).filter(isFault).map(describe),
    states: gateway.events.slice(events).flatMap(each => (each.event === 'connection' ? [each.state.status] : [])),
  }
}

/** What was written under which id: an id that several have is none by which their answers can be told apart. */
type Written = Map<string, string[]>

function note(written: Written, id: string | undefined, how: string): void {
  if (id !== undefined) written.set(id, [...(written.get(id) ?? []), how])
}

/** Whoever wrote what cannot be read is asked for it again; the server is answered apart from that. */
const isTwice = (answers: readonly string[]): boolean =>
  new Set(answers).size < answers.length || answers.filter(answer => answer !== 'receipt retry').length > 1

function twiceOf(written: Written, answered: Readonly<Record<string, string[]>>): string[] {
  return Object.entries(answered).flatMap(([id, answers]) => {
    const [how, ...others] = written.get(id) ?? []
    return how === undefined || others.length > 0 || !isTwice(answers) ? [] : [`${how} → ${answers.join(', ')}`]
  })
}

export async function isAnswered(town: JournalTown, cursor: Cursor): Promise<void> {
  const { gateway, owner, alice } = town
  await isRead(town, cursor)
  const mark = randomUUID()
  await gateway.say(chatWith(alice), mark.replaceAll('-', ''), `answer ${mark}`)
  await alice.hears(({ text }) => text === `answer ${mark}`, { from: owner, withinMs: 30_000 })
}

function batchesOf(frames: readonly Uint8Array[]): Uint8Array[][] {
  const batches: Uint8Array[][] = []
  let sizeBytes = Number.POSITIVE_INFINITY
  for (const frame of frames) {
    const last = batches.at(-1)
    if (!last || last.length >= BATCH || sizeBytes + frame.length > BATCH_MOST_BYTES) {
      batches.push([frame])
      sizeBytes = frame.length
    } else {
      last.push(frame)
      sizeBytes += frame.length
    }
  }
  return batches
}

/** Some of what stanzas are made of here has no bytes that stand for it: what cannot be read at all is another story. */
export async function readable(frames: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const read = await Promise.allSettled(frames.map(frame => decodeBinaryNode(Buffer.from(frame))))
  return frames.filter((_, index) => read[index]?.status === 'fulfilled')
}

/** A good message comes through; what stands before it in the journal is looked at once. */
async function isRead({ gateway, owner, alice }: JournalTown, cursor: Cursor): Promise<void> {
  const text = `good ${randomUUID()}`
  await alice.says(text, { to: owner })
  for (;;) {
    const { entries } = await gateway.supervisor.call('journal.pull', {
      ...gateway.account,
      after: cursor.at,
      limit: 10_000,
    })
    cursor.at = entries.at(-1)?.seq ?? cursor.at
    if (entries.some(entry => entry.kind === 'message' && textOf(entry.message) === text)) return
    if (entries.length > 0) continue
    await gateway.event(each => each.event === 'journal' && each.head > cursor.at, 0, 60_000)
  }
}

const textOf = ({ content }: InboundMessage): string | null => ('text' in content ? content.text : null)

export const isFault = ({ event }: LogLine): boolean => FAULTS.has(event)
export const describe = ({ event, fields }: LogLine): string => `${event} ${JSON.stringify(fields)}`
