import { randomBytes } from 'node:crypto'

import { proto, type AuthenticationCreds, type BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import { lidFromDigits, phoneFromDigits, type Person } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { createArrivals, type ArrivalPorts } from '../../plugin/gateway/arrivals.ts'

const RUNS = 100_000
const SLOWEST_MS = 50
const SELF: Person = { lid: lidFromDigits('55501'), phone: phoneFromDigits('4915112345678') }
const ME = { id: '4915112345678:3@s.whatsapp.net', lid: '55501:3@lid' }
const key = { remoteJid: '77701@lid', fromMe: true, id: 'A1' }
const file = { url: 'https://mmg.whatsapp.net/v/a', directPath: '/v/a', mediaKey: randomBytes(32), fileLength: 5 }
const place = { degreesLatitude: 1, degreesLongitude: 2, name: 'Office' }
const poll = { name: 'Lunch?', options: [{ optionName: 'Soup' }, { optionName: 'Salad' }] }

const SEEDS: proto.IMessage[] = [
  { conversation: 'hello' },
  {
    extendedTextMessage: {
      text: 'hi',
      contextInfo: { stanzaId: 'Q', participant: '77701@lid', mentionedJid: ['1@lid'] },
    },
  },
  { imageMessage: { ...file, caption: 'look', contextInfo: { quotedMessage: { conversation: 'x' }, stanzaId: 'Q' } } },
  { videoMessage: { ...file, gifPlayback: true } },
  { audioMessage: { ...file, ptt: true, seconds: 3 } },
  { documentWithCaptionMessage: { message: { documentMessage: { ...file, fileName: 'a.pdf', caption: 'c' } } } },
  { viewOnceMessageV2: { message: { ephemeralMessage: { message: { stickerMessage: file } } } } },
  { locationMessage: place },
  { liveLocationMessage: place },
  { contactMessage: { displayName: 'Bob', vcard: 'BEGIN:VCARD\nTEL;waid=1:+1\nEND:VCARD' } },
  { contactsArrayMessage: { contacts: [{ vcard: 'TEL:1' }, { displayName: 'x' }] } },
  { messageContextInfo: { messageSecret: randomBytes(32) }, pollCreationMessageV3: poll },
  { pollUpdateMessage: { pollCreationMessageKey: key, vote: { encPayload: randomBytes(40), encIv: randomBytes(12) } } },
  { eventMessage: { name: 'Party', startTime: 1_700_000_000, location: place } },
  { albumMessage: { expectedImageCount: 2 } },
  { reactionMessage: { key, text: '👍' } },
  { protocolMessage: { type: 0, key } },
  { editedMessage: { message: { protocolMessage: { type: 14, key, editedMessage: { conversation: 'better' } } } } },
  { deviceSentMessage: { destinationJid: '1@lid', message: { conversation: 'own' } } },
  { senderKeyDistributionMessage: { groupId: 'x' }, conversation: 'with a key' },
]
const seeds = SEEDS.map(message => Buffer.from(proto.Message.encode(message).finish()))

/** Numbers that look random and are the same in each run. */
function numbers(): (below: number) => number {
  let state = 0x9e3779b9
  return below => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}

/** Bytes changed, cut, doubled, moved and glued to others: what a stranger's program may send. */
function mutated(draw: (below: number) => number): Buffer {
  let bytes = Buffer.from(seeds[draw(seeds.length)] ?? Buffer.alloc(0))
  for (let left = 1 + draw(4); left > 0; left -= 1) {
    const at = draw(bytes.length + 1)
    const kind = draw(6)
    if (kind === 0 && at < bytes.length) bytes.writeUInt8(draw(256), at)
    else if (kind === 1) bytes = bytes.subarray(0, at)
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([draw(256)]), bytes.subarray(at)])
    else if (kind === 3) bytes = Buffer.concat([bytes, seeds[draw(seeds.length)] ?? Buffer.alloc(0)])
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(draw(bytes.length + 1))])
    else bytes = Buffer.concat([Buffer.from([0xba, 0x02, bytes.length % 128]), bytes])
  }
  return bytes
}

/** Arrivals whose file is this memory: what became of each stanza, and the messages that were entered. */
function kept() {
  const outcomes: string[] = []
  const messages: InboundMessage[] = []
  const journal = {
    addMessage: (message: InboundMessage) => messages.push(message) > 0,
    addUndecryptable: (message: InboundMessage) => messages.push(message) > 0,
    head: () => messages.length,
  }
  const log = {
    keep: () => true,
    settle: (_key: Uint8Array, outcome: string) => void outcomes.push(outcome),
    plaintext: () => undefined,
    keepPlaintext: () => undefined,
    releasePlaintext: () => undefined,
  }
  const commit = async (step: () => Promise<Uint8Array>, then?: (plaintext: Uint8Array) => void) => {
    const plaintext = await step()
    then?.(plaintext)
    return plaintext
  }
  const ports = {
    journal,
    log,
    polls: { note: () => undefined },
    files: { note: () => undefined },
    secrets: { note: () => undefined },
    timers: { note: () => undefined, of: () => null },
    unopened: { note: () => undefined, about: () => [] },
    keys: { commit },
    creds: () => ({ me: ME }) as AuthenticationCreds,
    reading: () => ({
      self: SELF,
      complete: (person: Person) => person,
      choice: () => null,
      open: () => 'secret_unknown' as const,
      receivedAt: 5,
    }),
    atomically: (write: () => void) => write(),
    firmly: (write: () => void) => write(),
    isFileAtFault: () => false,
    grown: () => undefined,
    addresses: { wroteFrom: () => undefined },
  }
  return { arrivals: createArrivals(ports as unknown as ArrivalPorts), outcomes, messages }
}

function stanzaWith(ciphertext: Buffer, id: string): BinaryNode {
  const attrs = { from: '77701@lid', sender_pn: '972500000001@s.whatsapp.net', id, t: '1700000000', notify: 'Alice' }
  return { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: ciphertext }] }
}

describe('100,000 messages that no phone would send', () => {
  it('each have an outcome, within 50 ms, and nothing is thrown', async () => {
    const { arrivals, outcomes, messages } = kept()
    const draw = numbers()
    const counts: Record<string, number> = {}
    let taken = 0
    const timeOf = async (plaintext: Buffer): Promise<number> => {
      taken += 1
      const ciphertext = Buffer.from(`ciphertext ${taken}`)
      const begunAt = performance.now()
      arrivals.arrived(stanzaWith(ciphertext, `M${taken}`))
      await arrivals.decrypted(ciphertext, () => Promise.resolve(plaintext))
      return performance.now() - begunAt
    }
    const slow: Buffer[] = []
    for (let run = 0; run < RUNS; run += 1) {
      const plaintext = Buffer.concat([mutated(draw), Buffer.from([1])])
      if ((await timeOf(plaintext)) > SLOWEST_MS) slow.push(plaintext)
    }
    // What a busy machine held up once is quick another time.
    for (const plaintext of slow) {
      const times = [await timeOf(plaintext), await timeOf(plaintext), await timeOf(plaintext)]
      expect(Math.min(...times)).toBeLessThan(SLOWEST_MS)
    }
    expect(outcomes).toHaveLength(taken)
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
    expect(Object.keys(counts).toSorted()).toEqual(['ignored', 'message', 'undecryptable'])
    expect(counts['message']).toBeGreaterThan(RUNS / 4)
    expect(new Set(messages.map(({ content }) => content.kind)).size).toBeGreaterThan(10)
    expect(JSON.parse(JSON.stringify(messages))).toEqual(messages)
  }, 120_000)
})
