import { proto, type BaileysEventMap, type WAMessageUpdate } from '@whiskeysockets/baileys'

import { type Person, samePerson } from '../../contract/ids.ts'
import { timersInHistory, type ChatTimers } from '../tables/chat-timers.ts'
import { enter, type EntryPorts } from './add-messages.ts'
import { readMessage } from '../messages/from-whatsapp.ts'
import { personOfJid } from '../kinds/jid.ts'
import type { Journal, Receipt } from '../tables/journal.ts'
import type { Polls } from '../tables/polls.ts'
import type { Recoveries } from '../tables/recoveries.ts'
import type { Secrets } from '../tables/secrets.ts'
import { lockedUntil } from '../messages/time-lock.ts'

/** What turning Baileys' events into entries needs. */
export type IntakePorts = EntryPorts & {
  readonly journal: Journal
  readonly polls: Polls
  readonly secrets: Secrets
  readonly recoveries: Pick<Recoveries, 'inItsEnvelope' | 'settle'>
  readonly timers: ChatTimers
  /** One transaction of the account's file. */
  readonly atomically: (write: () => void) => void
  /** The linked number. */
  readonly self: () => Person
  /** The time by the clock of WhatsApp's server. */
  readonly now: () => number
  /** The same instant by the clock of this machine. */
  readonly byMachine: (at: number) => number
  /** The journal has grown. */
  readonly grown: () => void
}

/** Enters one event of Baileys in the journal. */
export type Intake = <Name extends keyof BaileysEventMap>(event: Name, payload: BaileysEventMap[Name]) => void

type Reactions = { readonly [Name in keyof BaileysEventMap]?: (payload: BaileysEventMap[Name]) => boolean }

/** Creates the intake. Live, offline and buffered messages all use it. */
export function createIntake(ports: IntakePorts): Intake {
  const { journal, polls, secrets, recoveries, now } = ports
  const addReceipts = (receipts: Receipt[]): boolean =>
    receipts.filter(receipt => journal.addReceipt(receipt)).length > 0
  const reactions: Reactions = {
    // Encrypted messages are entered when they are decrypted (stanza-ingest.ts). These are the copies that the phone sends instead.
    'messages.upsert': ({ messages, requestId }) => {
      if (requestId === undefined) return false
      const { complete } = journal
      const reading = { self: ports.self(), complete, choice: polls.choice, open: secrets.open, receivedAt: now() }
      const added = messages.filter(resent => {
        const sent = recoveries.inItsEnvelope(resent)
        const read = readMessage(sent, reading)
        const isNew = read !== null && enter(read, { sent, reading }, ports)
        recoveries.settle(sent.key.id ?? '')
        return isNew
      })
      return added.length > 0
    },
    'messaging-history.set': ({ chats }) => {
      const told = timersInHistory(chats, Math.floor(now() / 1_000))
      if (told.length > 0) ports.atomically(() => told.forEach(({ chat, timer }) => ports.timers.note(chat, timer)))
      return false
    },
    'messages.update': updates => addReceipts(updates.flatMap(update => receiptOf(update, now()))),
    'message-receipt.update': updates =>
      addReceipts(updates.flatMap(update => groupReceiptOf(update, { self: ports.self(), at: now() }))),
    'connection.update': ({ reachoutTimeLock }) => {
      const { phone } = ports.self()
      if (!reachoutTimeLock || !phone) return false
      const until = lockedUntil(reachoutTimeLock, now())
      return journal.addTimeLock({ phone, until: until && ports.byMachine(until) })
    },
  }
  return (event, payload) => {
    if (reactions[event]?.(payload)) ports.grown()
  }
}

const { DELIVERY_ACK, READ, PLAYED } = proto.WebMessageInfo.Status

function receiptOf({ key, update }: WAMessageUpdate, at: number): Receipt[] {
  if (!key.fromMe || !key.id || !key.remoteJid) return []
  if (update.status === DELIVERY_ACK) return [{ stanzaId: key.id, receipt: 'delivered', at }]
  return update.status === READ || update.status === PLAYED ? [{ stanzaId: key.id, receipt: 'read', at }] : []
}

type GroupReceipt = BaileysEventMap['message-receipt.update'][number]

/** A receipt of our own other devices says nothing about the recipients. */
function groupReceiptOf({ key, receipt }: GroupReceipt, { self, at }: { self: Person; at: number }): Receipt[] {
  const reader = personOfJid(receipt.userJid)
  if (!key.fromMe || !key.id || !reader || samePerson(reader, self)) return []
  return [{ stanzaId: key.id, receipt: receipt.readTimestamp ? 'read' : 'delivered', at }]
}
