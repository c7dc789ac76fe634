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

/** Who is in which group, asked of WhatsApp as seldom as it likes to be asked (reliability.md §6). */
export type GroupCache = {
  /** As far as it is known, however long ago it was asked: it serves a send better than none. */
  readonly known: (jid: string) => GroupMetadata | undefined
  /**
   * Asks when it is time to, and has Baileys learn the addresses that came along.
   * @throws when nothing is known of the group and it may not be asked for now, or was not told.
   */
  readonly refresh: (jid: string, socket: WASocket) => Promise<void>
  /** A member who left is gone at once, by whichever address they are named; what is unclear is asked for with the next send. */
  readonly changed: (change: MembershipChange) => void
  /** What is known may be out of date: the next send asks, when the server lets it. */
  readonly doubt: (jid: string) => void
  /** The same for all: what happened while nobody was connected may be told later than the first send. */
  readonly doubtAll: () => void
  /** Null: nothing is known of the group. */
  readonly isMember: (jid: string, person: Person) => boolean | null
  /** The mode in which its members appear, as far as it is known. */
  readonly modeOf: (jid: string) => AddressingMode
  /**
   * It refuses what was written in one mode: it is asked for at once, and known in the other mode from then on, which is
   * answered. Null when it has no other one: its mode is the same and its refusal another, or its members' other addresses
   * are not known.
   */
  readonly otherMode: (jid: string, refused: RefusedMode, socket: WASocket) => Promise<AddressingMode | null>
}

/** In which mode a group refused a message, and as which code. */
export type RefusedMode = { readonly than: AddressingMode | null; readonly code: number }

/** What the cache knows people by. */
export type GroupCachePorts = {
  readonly now: () => number
  readonly complete: (person: Person) => Person
  /** The linked number. */
  readonly self: () => Person
  /** What WhatsApp has answered of a group, for those who keep more of it than who is in it. */
  readonly answered?: (metadata: GroupMetadata) => void
}

type Group = {
  metadata: GroupMetadata | null
  askedAt: number
  asking: Promise<void> | null
  /** What was told while it was asked for. */
  changesWhileAsking: MembershipChange[]
}

const GAP_MS = 300_000
const PAUSE_MS = 900_000
const ASKS_PER_MINUTE = 30
const KEPT_GROUPS = 500

const TOO_MANY = 429
/** The mode in which a group was written to is not its own any more. */
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

/** Asks when it is time to; others who ask in the meantime wait for the same answer. */
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
    // An account that has been away was not told what happened in the meantime.
    const after = group.metadata && !isOurs ? changedBy(group.metadata, change, complete) : null
    if (change.unclear || !after?.isWhole) group.askedAt = Number.NEGATIVE_INFINITY
    group.metadata = after?.metadata ?? null
  }

/** Asks who is in a group; what was told while it was asked for is newer than the answer. */
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
      // The connection went, or nobody answered: it was not asked, and the next send asks again.
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

/** The group after a change; not whole when somebody came whose address there is not known. */
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

/** What a member's rank is after a change; nothing when it is as it was. */
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

/** All groups together: so many a minute, and none for a while once WhatsApp has said that it is too much. */
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

/** The server's own code, which Baileys gives as `data`; null for whatever else a question can end with, a bare number too. */
function answerIn(error: unknown): number | null {
  const { data } = (error ?? {}) as { data?: unknown }
  return typeof data === 'number' ? data : null
}
