import os from 'node:os'

import { vi } from 'vitest'

import type { SendClass } from '../../plugin/contract/delivery.ts'
import { type Person, addressOfPerson } from '../../plugin/contract/ids.ts'
import { NumberLookup } from '../../plugin/contacts/number-lookup.ts'
import { DeliveryFeed } from '../../plugin/outbox/delivery-feed.ts'
import { Outbox } from '../../plugin/outbox/outbox.ts'
import { SendRateLimiter } from '../../plugin/outbox/rate-limiter.ts'
import { DEFAULT_LIMITS, type Limits } from '../../plugin/config/send-limits.ts'
import { SendRequests } from '../../plugin/outbox/send-requests.ts'
import type { Store } from '../../plugin/store/database.ts'
import { knownPerson } from '../../plugin/store/people/people.ts'
import { alone } from './alone.ts'
import { noFiles, rendersWith } from './files.ts'
import { instantDisk } from './disk.ts'
import { keptLog } from './host.ts'
import { StandInGateway } from './stand-in-gateway.ts'
import { defaults } from './turns.ts'
import { ACCOUNT, GROUP, type ORG, OUR_NUMBER, US, person } from './store.ts'
import { everybodyKnown } from './contacts.ts'

/** When the paced stories begin. */
export const START = Date.UTC(2026, 0, 5, 9)

/** Time stands still from here on, and goes on when a test says so. Files, sockets and promises are real; nobody waits for the disk. */
export function stopTime(): Disposable & { setClock(byMs: number): void } {
  // Since when the machine has been up, by its clock: what only somebody who sets that clock changes.
  let startedAt = Date.now() - os.uptime() * 1_000
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: START })
  const uptime = vi.spyOn(os, 'uptime').mockImplementation(() => (Date.now() - startedAt) / 1_000)
  const disk = instantDisk()
  return {
    /** Sets the clock; no time passes. */
    setClock: byMs => {
      startedAt += byMs
      vi.setSystemTime(Date.now() + byMs)
    },
    [Symbol.dispose]: () => {
      uptime.mockRestore()
      disk[Symbol.dispose]()
      vi.useRealTimers()
    },
  }
}

/** Lets time pass, and everything that falls due in it. */
export const pass = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms))

/** Someone of whom nothing is known but a number. */
export const stranger = (n: number): Person => person(null, `9725000001${String(n).padStart(2, '0')}`)

/** An outbox that paces, over a real store, with what it says to its gateway. `asks`: WhatsApp is asked for strangers. */
export function pacedOutbox(store: Store, gateway = new StandInGateway(), { asks = false } = {}) {
  const kept = keptLog()
  const inForce: { limits: Limits | null; coldContact: boolean; up: boolean } = {
    limits: DEFAULT_LIMITS,
    coldContact: true,
    up: true,
  }
  const pace = new SendRateLimiter(
    store,
    () => inForce.limits,
    () => 0.5,
  )
  const limits = () => inForce.limits ?? DEFAULT_LIMITS
  const asked = new NumberLookup({ store, gateway, log: kept.log, limits, random: () => 0.5 })
  const contacts = asks ? asked : everybodyKnown
  const deliveries = new DeliveryFeed({ store, pace, contacts, shares: alone, isUp: () => inForce.up })
  const onChanged = (org: typeof ORG): void => deliveries.wake(org)
  const render = rendersWith(gateway)
  const outbox = new Outbox({
    isCaughtUp: () => true,
    contacts,
    store,
    gateway,
    pace,
    render,
    log: kept.log,
    onAccepted: () => undefined,
    onChanged,
  })
  const sending = new SendRequests({
    shares: alone,
    store,
    outbox,
    enclosures: noFiles,
    settings: () => ({ ...defaults, coldContact: inForce.coldContact }),
  })
  const at = new Map<string, number>()
  const answer = gateway.answer
  gateway.answer = transmission => {
    at.set(transmission.stanzaId, Date.now())
    return answer(transmission)
  }
  let replies = 0
  return {
    ...kept,
    outbox,
    sending,
    deliveries,
    contacts: asked,
    gateway,
    inForce,
    connect: () => outbox.connected(ACCOUNT, OUR_NUMBER),
    say: (to: Person, text: string) => sending.send(ACCOUNT, { to: addressOfPerson(to), text }, null),
    /** An agent's answer, the n-th of its turn. */
    reply: async (to: Person | typeof GROUP, text: string, replyIndex = 0) => {
      const send = await store.transaction(async transaction => {
        const from = await knownPerson(transaction, ACCOUNT, US)
        const chatKey = 'kind' in to ? groupKey() : (await knownPerson(transaction, ACCOUNT, to)).id
        const kind: SendClass = 'kind' in to ? 'group' : 'reply'
        replies += 1
        const content = { kind: 'text', text } as const
        const id = `snd_reply_${replies}`
        return outbox.enqueue(transaction, { ...ACCOUNT, id, from: from.id, chatKey, content, class: kind, replyIndex })
      })
      outbox.accepted(send)
      return send
    },
    /** When it was transmitted last, in ms since the start; null when it was not. */
    sentAfter: ({ stanzaId }: { stanzaId: string }): number | null => {
      const sentAt = at.get(stanzaId)
      return sentAt === undefined ? null : sentAt - START
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await outbox.stop()
      await outbox.settled()
      await asked.settled()
    },
  }
}

function groupKey() {
  if (GROUP.kind !== 'group') throw new TypeError('the group is a group')
  return GROUP.group
}
