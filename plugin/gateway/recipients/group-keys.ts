import { isHostedLidUser, isHostedPnUser, type GroupMetadata, type WASocket } from '@whiskeysockets/baileys'

import type { Person } from '../../contract/ids.ts'
import { userOf, type DeviceCache } from './device-cache.ts'
import type { GroupCache } from './group-cache.ts'
import { openKeyHolders, type KeyHolderPorts, type KeyHolders } from './key-holders.ts'

/** Tracks which devices may hold the account's sender keys, and replaces a key when one of its holders has left. */
export type GroupKeys = {
  /**
   * Before a message: asks who is in the group and on which devices, and drops the key if a device holds it that is not among
   * those.
   */
  readonly ready: (jid: string, socket: WASocket) => Promise<void>
  /** Whether nothing has changed since `ready`. */
  readonly isReady: (jid: string) => boolean
  /** @throws when a holder has left since `ready`: the message has to be made ready again first. */
  readonly check: (jid: string) => void
  /** A message is encrypted, and its key is sent to all devices that have none. Runs inside the caller's transaction. */
  readonly handing: (jid: string) => void
  /** A device that asked for a message again gets the key. */
  readonly alsoGiven: (jid: string, device: string) => void
  /** The keys that this person's phone holds must not be used any more. */
  readonly renewFor: (person: Person) => void
  /** Drops the results of earlier checks: there is another connection, or the file failed. */
  readonly forgetChecks: () => void
}

type Ports = KeyHolderPorts & {
  readonly atomically: (write: () => void) => void
  readonly groups: GroupCache
  readonly devices: DeviceCache
  readonly now: () => number
}

/** The state of a group when it was last checked. */
type Look = { readonly metadata: GroupMetadata | undefined; readonly version: number; readonly until: number }

export function createGroupKeys(ports: Ports): GroupKeys {
  const { atomically, groups } = ports
  const holders = openKeyHolders(ports)
  const { current, createMemory } = createLooks(ports)
  const [checked, handed] = [createMemory(), createMemory()]
  const { hasLeft, replace } = createDeparture(ports, holders, current)
  const lookAgain = (): void => [checked, handed].forEach(each => each.clear())
  return {
    ready: async (jid, socket) => {
      await groups.refresh(jid, socket)
      if (checked.holds(jid)) return
      await socket.getUSyncDevices(
        (groups.known(jid)?.participants ?? []).map(({ id }) => id),
        true,
        false,
      )
      const note = checked.noteFor(jid)
      if (hasLeft(jid)) await replace(jid, socket).finally(() => handed.forget(jid))
      note()
    },
    isReady: checked.holds,
    check: jid => {
      if (!handed.holds(jid) && hasLeft(jid)) throw new Error('somebody has left who holds the key')
    },
    handing: jid => {
      if (handed.holds(jid)) return
      holders.add(jid, current(jid))
      handed.noteFor(jid)()
    },
    alsoGiven: (jid, device) => {
      if (!holders.of(jid).has(device)) atomically(() => holders.add(jid, [device]))
    },
    renewFor: ({ lid, phone }) => {
      const phones = [lid && `${lid}@lid`, phone && `${phone.slice(1)}@s.whatsapp.net`]
      for (const jid of phones) if (jid) holders.doubt(jid)
      lookAgain()
    },
    forgetChecks: () => {
      lookAgain()
      holders.reload()
    },
  }
}

/** Tells whether a holder of a key has left, and replaces the key. */
function createDeparture({ atomically }: Ports, holders: KeyHolders, current: (jid: string) => string[]) {
  const hasLeft = (jid: string): boolean => {
    const there = new Set(current(jid))
    return [...holders.of(jid)].some(device => !there.has(device))
  }
  return {
    hasLeft,
    replace: (jid: string, socket: WASocket): Promise<void> =>
      inTurn(socket, () => {
        if (hasLeft(jid)) atomically(() => holders.drop(jid, ownNames(jid, socket)))
      }),
  }
}

/** Reads the state of groups, and remembers for which of them nothing has changed since. */
function createLooks({ groups, devices, now }: Pick<Ports, 'groups' | 'devices' | 'now'>) {
  const look = (jid: string): Look => {
    const metadata = groups.known(jid)
    return { metadata, version: devices.version(), until: devices.freshUntil(usersOf(metadata)) }
  }
  return {
    /** The devices in the group. A device hosted by WhatsApp itself is in none. */
    current: (jid: string): string[] =>
      usersOf(groups.known(jid))
        .flatMap(user => devices.known(user))
        .filter(device => !isHostedLidUser(device) && !isHostedPnUser(device)),
    createMemory: () => {
      const seen = new Map<string, Look>()
      return {
        holds: (jid: string): boolean => {
          const before = seen.get(jid)
          return before?.metadata === groups.known(jid) && before?.version === devices.version() && now() < before.until
        },
        /** Takes the state as it is now; the returned function remembers it. */
        noteFor: (jid: string): (() => void) => {
          const now = look(jid)
          return () => void seen.set(jid, now)
        },
        forget: (jid: string) => void seen.delete(jid),
        clear: () => seen.clear(),
      }
    },
  }
}

/** Runs between two messages: Baileys caches who has the key from the first of its steps to the last. */
const inTurn = async (socket: WASocket, work: () => unknown): Promise<void> =>
  socket.authState.keys.transaction(async () => void work(), socket.authState.creds.me?.id ?? '')

/** The digits of the group's members. */
const usersOf = (metadata: GroupMetadata | undefined): string[] =>
  (metadata?.participants ?? []).map(({ id }) => userOf(id))

/** The names under which the keys of this device may be stored: it writes by number in some groups, in others by LID. */
function ownNames(group: string, { authState, signalRepository }: WASocket): string[] {
  const { id, lid } = authState.creds.me ?? {}
  return [id, lid].flatMap(jid => {
    if (!jid) return []
    const address = signalRepository.jidToSignalProtocolAddress(jid)
    const dot = address.lastIndexOf('.')
    return [`${group}::${address.slice(0, dot)}::${address.slice(dot + 1)}`]
  })
}
