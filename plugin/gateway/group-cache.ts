import type { BaileysEventMap, GroupMetadata, GroupParticipant, WASocket } from '@whiskeysockets/baileys'

import type { AddressingMode } from './identity.ts'

/** Who came, went, or changed in a group. */
export type GroupChange = Pick<BaileysEventMap['group-participants.update'], 'id' | 'participants' | 'action'>

/** Who is in which group, asked of WhatsApp as seldom as it likes to be asked (reliability.md §6). */
export type GroupCache = {
  /** As far as it is known, however long ago it was asked: it serves a send better than none. */
  readonly known: (jid: string) => GroupMetadata | undefined
  /**
   * Asks when it is time to, and has Baileys learn the addresses that came along.
   * @throws when nothing is known of the group and it may not be asked for now, or was not told.
   */
  readonly refresh: (jid: string, socket: WASocket) => Promise<void>
  readonly changed: (change: GroupChange) => void
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

type Group = { metadata: GroupMetadata | null; askedAt: number; asking: Promise<void> | null }

const GAP_MS = 300_000
const PAUSE_MS = 900_000
const MINUTE_MS = 60_000
const ASKS_PER_MINUTE = 30
const KEPT_GROUPS = 500

const TOO_MANY = 429
/** The mode in which a group was written to is not its own any more. */
const STALE_MODE = 421

/** Asks WhatsApp, no more often than it may be asked. */
function createAsking(now: () => number) {
  const ration = createRation(now)
  const ask = async (group: Group, jid: string, socket: WASocket): Promise<void> => {
    group.askedAt = now()
    ration.asked()
    try {
      group.metadata = await socket.groupMetadata(jid)
    } catch (error) {
      const answer = answerIn(error)
      if (answer === TOO_MANY) ration.pause()
      // The line went, or nobody answered: it was not asked, and the next send asks again.
      if (answer === null) group.askedAt = Number.NEGATIVE_INFINITY
      throw error
    }
    const pairs = group.metadata.participants.flatMap(({ id, phoneNumber }) =>
      phoneNumber ? [{ lid: id, pn: phoneNumber }] : [],
    )
    await socket.signalRepository.lidMapping.storeLIDPNMappings(pairs)
  }
  return { ask, isDue: ({ askedAt }: Group, gapMs: number): boolean => now() - askedAt >= gapMs && ration.hasRoom() }
}

export function createGroupCache(now: () => number): GroupCache {
  const groups = new Map<string, Group>()
  const { ask, isDue } = createAsking(now)
  const refresh = async (
    jid: string,
    socket: WASocket,
    gapMs = GAP_MS,
  ): Promise<Group & { metadata: GroupMetadata }> => {
    const group = groups.get(jid) ?? addGroup(groups, jid)
    if (isDue(group, gapMs)) group.asking ??= ask(group, jid, socket).finally(() => (group.asking = null))
    try {
      await group.asking
    } catch (error) {
      if (!group.metadata) throw error
    }
    const { metadata } = group
    if (!metadata) throw new Error('nothing is known of the group, and it may not be asked for yet')
    return Object.assign(group, { metadata })
  }
  return {
    known: jid => groups.get(jid)?.metadata ?? undefined,
    refresh: async (jid, socket) => void (await refresh(jid, socket)),
    modeOf: jid => modeIn(groups.get(jid)?.metadata),
    otherMode: async (jid, { than, code }, socket) => {
      const group = await refresh(jid, socket, 0).catch(() => null)
      if (!group) return null
      const mode = modeIn(group.metadata)
      if (mode !== than) return mode
      const turned = code === STALE_MODE ? turnedOver(group.metadata) : null
      if (turned) group.metadata = turned
      return turned && modeIn(turned)
    },
    changed: ({ id, participants, action }) => {
      const group = groups.get(id)
      if (!group?.metadata || (action !== 'add' && action !== 'remove')) return
      const named = new Set(participants.map(participant => participant.id))
      const others = group.metadata.participants.filter(participant => !named.has(participant.id))
      group.metadata = { ...group.metadata, participants: action === 'add' ? [...others, ...participants] : others }
    },
  }
}

function addGroup(groups: Map<string, Group>, jid: string): Group {
  const oldest = groups.size >= KEPT_GROUPS ? groups.keys().next().value : undefined
  if (oldest !== undefined) groups.delete(oldest)
  const group: Group = { metadata: null, askedAt: Number.NEGATIVE_INFINITY, asking: null }
  groups.set(jid, group)
  return group
}

const modeIn = (metadata: GroupMetadata | null | undefined): AddressingMode =>
  String(metadata?.addressingMode) === 'pn' ? 'pn' : 'lid'

/** The same group in its other mode; null when the other address of a member is not known. */
function turnedOver(metadata: GroupMetadata): GroupMetadata | null {
  const mode = modeIn(metadata) === 'lid' ? 'pn' : 'lid'
  const participants = metadata.participants.flatMap((member): GroupParticipant[] => {
    const { id, lid, phoneNumber } = member
    if (mode === 'pn') return phoneNumber ? [{ ...member, id: phoneNumber, lid: id }] : []
    return lid ? [{ ...member, id: lid, phoneNumber: id }] : []
  })
  const isWhole = participants.length === metadata.participants.length
  return isWhole ? { ...metadata, participants, addressingMode: mode as never } : null
}

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
