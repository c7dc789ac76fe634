import { jidDecode, jidEncode, type FullJid } from '@whiskeysockets/baileys'

type Baileys = {
  readonly get: <Value>(user: string) => Value | undefined
  readonly mget: <Value>(users: string[]) => Promise<Record<string, Value | undefined>>
  readonly set: <Value>(user: string, devices: Value) => void
  readonly mset: <Value>(entries: { key: string; value: Value }[]) => void
  readonly del: (user: string) => void
  readonly flushAll: () => void
}

/** Which devices people have, by WhatsApp's last answer; a user is the digits of a LID or of a phone number. */
export type DeviceCache = {
  /** The cache that Baileys uses. */
  readonly store: Baileys
  /** The JIDs of the user's devices; empty when WhatsApp has to be asked for them. */
  readonly known: (user: string) => readonly string[]
  /** Until when everything cached about these users is valid, in ms. */
  readonly freshUntil: (users: readonly string[]) => number
  /** WhatsApp has answered which devices these users have. */
  readonly answered: (users: readonly string[]) => void
  /** The devices have changed: the next message asks for them, and no earlier answer is used. */
  readonly forget: (users: readonly string[]) => void
  /** A number that grows whenever a list changes or is dropped. */
  readonly version: () => number
}

type Entry = { devices: readonly FullJid[]; text: string; freshUntil: number }

/** As long as Baileys caches a list. */
const KEPT_MS = 300_000

export function createDeviceCache(now: () => number): DeviceCache {
  const entries = new Map<string, Entry>()
  const [answeredAt, changedAt] = [new Map<string, number>(), new Map<string, number>()]
  let [version, moment] = [0, 0]
  const fresh = (user: string): Entry | undefined => {
    const entry = entries.get(user)
    return entry && now() < entry.freshUntil ? entry : undefined
  }
  const set = (user: string, devices: readonly FullJid[]): void => {
    // The answer may be older than the change: Baileys asks for keys before it stores a list.
    if ((answeredAt.get(user) ?? 0) < (changedAt.get(user) ?? 0)) return
    const text = devices.map(jidOf).toSorted().join(' ')
    if (entries.get(user)?.text !== text) version += 1
    entries.set(user, { devices, text, freshUntil: now() + KEPT_MS })
  }
  const forget = (users: readonly string[]): void => {
    moment += 1
    for (const user of users) {
      changedAt.set(user, moment)
      if (entries.delete(user)) version += 1
    }
  }
  return {
    store: {
      get: user => fresh(user)?.devices as never,
      mget: users => Promise.resolve(Object.fromEntries(users.map(user => [user, fresh(user)?.devices as never]))),
      set: (user, devices) => set(user, devices as readonly FullJid[]),
      mset: lists => {
        for (const { key, value } of lists) set(key, value as readonly FullJid[])
      },
      del: user => forget([user]),
      flushAll: () => forget([...entries.keys()]),
    },
    known: user => fresh(user)?.devices.map(jidOf) ?? [],
    freshUntil: users => Math.min(...users.map(user => fresh(user)?.freshUntil ?? Number.POSITIVE_INFINITY)),
    answered: users => {
      moment += 1
      for (const user of users) answeredAt.set(user, moment)
    },
    forget,
    version: () => version,
  }
}

const jidOf = ({ user, server, device }: FullJid): string => jidEncode(user, server, device)

/** The digits of the person that a JID names; empty when it names nobody. */
export const userOf = (jid: string | undefined): string => jidDecode(jid)?.user ?? ''
