import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys'

import { lidFromDigits, phoneFromDigits, type Person } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { createArrivals, type ArrivalPorts } from '../../plugin/gateway/inbound/stanza-ingest.ts'

const SELF: Person = { lid: lidFromDigits('55501'), phone: phoneFromDigits('4915112345678') }
const ME = { id: '4915112345678:3@s.whatsapp.net', lid: '55501:3@lid' }

/** Arrivals whose file is this memory: what became of each stanza, and the messages that were entered. */
export function keptArrivals() {
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
  let taken = 0
  const arrivals = createArrivals(ports as unknown as ArrivalPorts)
  /** A message of this plaintext comes, and is read. */
  const arrive = async (plaintext: Buffer): Promise<void> => {
    taken += 1
    const ciphertext = Buffer.from(`ciphertext ${taken}`)
    arrivals.arrived(stanzaWith(ciphertext, `M${taken}`))
    await arrivals.decrypted(ciphertext, () => Promise.resolve(plaintext))
  }
  return { arrive, outcomes, messages }
}

function stanzaWith(ciphertext: Buffer, id: string): BinaryNode {
  const attrs = { from: '77701@lid', sender_pn: '972500000001@s.whatsapp.net', id, t: '1700000000', notify: 'Alice' }
  return { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: ciphertext }] }
}
