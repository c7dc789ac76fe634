import {
  WAMessageAddressingMode,
  type GroupMetadata,
  type GroupParticipant,
  type WASocket,
} from '@whiskeysockets/baileys'

import { MINUTE_MS } from '../../base/durations.ts'
import { type Person, samePerson } from '../../contract/ids.ts'
import { jidIn, modesOf, personOfJids, type AddressingMode } from '../kinds/jid.ts'
import type { MembershipChange, Named } from './membership.ts'

/** Who is in which group. WhatsApp is asked as rarely as it likes to be asked (reliability.md §6). */
export type GroupCache = {
  /** The cached group, however old: for a send that is better than none. */
  readonly known: (jid: string) => GroupMetadata | undefined
  /**
   * Asks WhatsApp when it is time to, and has Baileys store the addresses in the answer.
   * @throws when nothing is known of the group and it may not be asked for now, or WhatsApp did not answer.
   */
  readonly refresh: (jid: string, socket: WASocket) => Promise<void>
  /**
   * Removes a member who left at once, whichever address the change names. After an unclear change, the next send asks for the
   * group.
   */
  readonly changed: (change: MembershipChange) => void
  /** The cached group may be out of date: the next send asks for it, if the server's limits allow that. */
  readonly doubt: (jid: string) => void
  /** The same for all groups: a change without a connection may be reported later than the first send. */
  readonly doubtAll: () => void
  /** Null: nothing is known of the group. */
  readonly isMember: (jid: string, person: Person) => boolean | null
  /** The mode in which the group's members appear, as far as it is known. */
  readonly modeOf: (jid: string) => AddressingMode
  /**
   * The group refused a message that was written in one mode. Asks for the group at once, and returns the mode to use from then on.
   * Null when there is no other mode: the group's mode is unchanged and the code means something else, or its members' other
   * addresses are not known.
   */
  readonly otherMode: (jid: string, refused: RefusedMode, socket: WASocket) => Promise<AddressingMode | null>
}

/** The mode in which a group refused a message, and the code. */
export type RefusedMode = { readonly than: AddressingMode | null; readonly code: number }

/** What the group cache needs. */
export type GroupCachePorts = {
  readonly now: () => number
  readonly complete: (person: Person) => Person
  /** The linked number. */
  readonly self: () => Person
  /** Gets each answer about a group, for parts that store more of it than its members. */
  readonly answered?: (metadata: GroupMetadata) => void
}

type Group = {
  metadata: GroupMetadata | null
  askedAt: number
  asking: Promise<void> | null
  /** The changes that were reported while the group was asked for. */
  changesWhileAsking: MembershipChange[]
}

const GAP_MS = 300_000
const PAUSE_MS = 900_000
const ASKS_PER_MINUTE = 30
const KEPT_GROUPS = 500

const TOO_MANY = 429
/** The group no longer uses the mode in which it was written to. */
const STALE_MODE = 421

export function createGroupCache(ports: GroupCachePorts): GroupCache {
  const groups = new Map<string, Group>()
  const take = takesIn(ports)
  const refresh = createRefresh(groups, take, ports)
  return {
    known: jid => groups.get(jid)?.metadata ?? undefined,
    refresh: async (jid, socket) => void (await refresh(jid, socket)),
    modeOf: jid => modeIn(groups.get(jid)?.metadata),
    otherMode: async (jid, { than, code }, socket) => {
      const group = await refresh(jid, socket, 0).catch(() => null)
      if (!group) return null
      const mode = modeIn(group.metadata)
      if (mode !== than) return mode
      const turned = code === STALE_MODE ? turnedOver(group.metadata, ports.complete) : null
      if (turned) group.metadata = turned
      return turned && modeIn(turned)
    },
    changed: change => {
      const group = groups.get(change.group)
      if (!group) return
      // The answer under way may be older than the change.
      if (group.asking) group.changesWhileAsking.push(change)
      take(group, change)
    },
    doubt: jid => {
      const group = groups.get(jid)
      if (group) group.askedAt = Number.NEGATIVE_INFINITY
    },
    doubtAll: () => {
      for (const group of groups.values()) group.askedAt = Number.NEGATIVE_INFINITY
    },
    isMember: (jid, person) => {
      const participants = groups.get(jid)?.metadata?.participants
      const whole = ports.complete(person)
      return participants ? participants.some(member => samePerson(personIn(member), whole)) : null
    },
  }
}

type Known = Group & { metadata: GroupMetadata }

/** Asks when it is time to. Concurrent callers wait for the same answer. */
function createRefresh(groups: Map<string, Group>, take: Take, { now, answered }: GroupCachePorts) {
  const ration = createRation(now)
  const ask = createQuestion(ration, take, { now, answered: answered ?? (() => undefined) })
  return async (jid: string, socket: WASocket, gapMs = GAP_MS): Promise<Known> => {
    const group = groups.get(jid) ?? addGroup(groups, jid)
    const isDue = now() - group.askedAt >= gapMs && ration.hasRoom()
    if (isDue) group.asking ??= ask(group, jid, socket).finally(() => (group.asking = null))
    try {
      await group.asking
    } catch (error) {
      if (!group.metadata) throw error
    }
    const { metadata } = group
    if (!metadata) throw new Error('nothing is known of the group, and it may not be asked for yet')
    return Object.assign(group, { metadata })
  }
}

type Take = (group: Group, change: MembershipChange) => void

const takesIn =
  ({ complete, self }: GroupCachePorts): Take =>
  (group, change) => {
    const isOurs = [...change.added, ...change.removed].some(named => samePerson(personNamed(named), self()))
    // An account that was not in the group was not told what happened in the meantime.
    const after = group.metadata && !isOurs ? changedBy(group.metadata, change, complete) : null
    if (change.unclear || !after?.isWhole) group.askedAt = Number.NEGATIVE_INFINITY
    group.metadata = after?.metadata ?? null
  }

/** Asks who is in a group. Changes that were reported in the meantime are newer than the answer. */
const createQuestion =
  (ration: Ration, take: Take, { now, answered }: Required<Pick<GroupCachePorts, 'now' | 'answered'>>) =>
  async (group: Group, jid: string, socket: WASocket): Promise<void> => {
    group.askedAt = now()
    group.changesWhileAsking = []
    ration.asked()
    try {
      group.metadata = await socket.groupMetadata(jid)
      answered(group.metadata)
    } catch (error) {
      const answer = answerIn(error)
      if (answer === TOO_MANY) ration.pause()
      // The connection was lost, or nobody answered: this does not count as asked, and the next send asks again.
      if (answer === null) group.askedAt = Number.NEGATIVE_INFINITY
      throw error
    }
    for (const change of group.changesWhileAsking) take(group, change)
    const pairs = (group.metadata?.participants ?? []).flatMap(({ id, phoneNumber }) =>
      phoneNumber ? [{ lid: id, pn: phoneNumber }] : [],
    )
    await socket.signalRepository.lidMapping.storeLIDPNMappings(pairs)
  }

const NOBODY: Person = { lid: null, phone: null }
const personNamed = ({ jid, other }: Named): Person => personOfJids(jid, other) ?? NOBODY
const personIn = ({ id, phoneNumber, lid }: GroupParticipant): Person => personOfJids(id, phoneNumber ?? lid) ?? NOBODY

type Complete = GroupCachePorts['complete']

/** The group after a change; not whole when a member joined whose address in its mode is not known. */
function changedBy(metadata: GroupMetadata, change: MembershipChange, complete: Complete) {
  const { added, removed } = change
  const moved = [...added, ...removed].map(named => complete(personNamed(named)))
  const others = metadata.participants
    .filter(member => !moved.some(person => samePerson(person, complete(personIn(member)))))
    .map(member => ({ ...member, ...rankAfter(change, complete(personIn(member)), complete) }))
  const mode = metadata.addressingMode === WAMessageAddressingMode.PN ? 'phone' : 'lid'
  const comers = added.flatMap(named => participantOf(named, mode, complete))
  return { metadata: { ...metadata, participants: [...others, ...comers] }, isWhole: comers.length === added.length }
}

/** A member's rank after a change; empty when it is unchanged. */
function rankAfter({ promoted, demoted }: MembershipChange, member: Person, complete: Complete) {
  const isOf = (all: readonly Named[]) => all.some(named => samePerson(complete(personNamed(named)), member))
  if (isOf(promoted)) return { admin: 'admin' as const }
  return isOf(demoted) ? { admin: null } : {}
}

function participantOf(named: Named, mode: 'phone' | 'lid', complete: Complete): GroupParticipant[] {
  const { lid, phone } = complete(personNamed(named))
  const [byLid, byPhone] = [lid && `${lid}@lid`, phone && `${phone.slice(1)}@s.whatsapp.net`]
  const { admin } = named
  if (mode === 'lid') return byLid ? [{ id: byLid, admin, ...(byPhone && { phoneNumber: byPhone }) }] : []
  return byPhone ? [{ id: byPhone, admin, ...(byLid && { lid: byLid }) }] : []
}

function addGroup(groups: Map<string, Group>, jid: string): Group {
  const oldest = groups.size >= KEPT_GROUPS ? groups.keys().next().value : undefined
  if (oldest !== undefined) groups.delete(oldest)
  const group: Group = { metadata: null, askedAt: Number.NEGATIVE_INFINITY, asking: null, changesWhileAsking: [] }
  groups.set(jid, group)
  return group
}

const modeIn = (metadata: GroupMetadata | null | undefined): AddressingMode =>
  metadata?.addressingMode === WAMessageAddressingMode.PN ? 'pn' : 'lid'

/** The same group in its other mode; null when the other address of a member is not known. */
function turnedOver(metadata: GroupMetadata, complete: Complete): GroupMetadata | null {
  const mode = modeIn(metadata) === 'lid' ? 'pn' : 'lid'
  const participants = metadata.participants.flatMap((member): GroupParticipant[] => {
    const person = complete(personIn(member))
    if (!modesOf(person).includes(mode)) return []
    return [
      { ...member, id: jidIn(mode, person), ...(mode === 'pn' ? { lid: member.id } : { phoneNumber: member.id }) },
    ]
  })
  const isWhole = participants.length === metadata.participants.length
  return isWhole ? { ...metadata, participants, addressingMode: mode as never } : null
}

type Ration = ReturnType<typeof createRation>

/**
 * The limit for all groups together: a number of queries a minute, and none for a while once WhatsApp has said that it is too much.
 */
function createRation(now: () => number) {
  let asks: number[] = []
  let pausedUntil = 0
  return {
    hasRoom: (): boolean => {
      asks = asks.filter(at => now() - at < MINUTE_MS)
      return now() >= pausedUntil && asks.length < ASKS_PER_MINUTE
    },
    asked: () => void asks.push(now()),
    pause: () => void (pausedUntil = now() + PAUSE_MS),
  }
}

/** The server's own code, which Baileys gives as `data`; null for any other error that a query can end with, even a bare number. */
function answerIn(error: unknown): number | null {
  const { data } = (error ?? {}) as { data?: unknown }
  return typeof data === 'number' ? data : null
}
