import type { BaileysEventMap, GroupMetadata, WASocket } from '@whiskeysockets/baileys'

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
}

type Group = { metadata: GroupMetadata | null; askedAt: number; asking: Promise<void> | null }

const GAP_MS = 300_000
const PAUSE_MS = 900_000
const MINUTE_MS = 60_000
const ASKS_PER_MINUTE = 30
const KEPT_GROUPS = 500

const TOO_MANY = 429

export function createGroupCache(now: () => number): GroupCache {
  const groups = new Map<string, Group>()
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
  return {
    known: jid => groups.get(jid)?.metadata ?? undefined,
    refresh: async (jid, socket) => {
      const group = groups.get(jid) ?? addGroup(groups, jid)
      const isDue = now() - group.askedAt >= GAP_MS && ration.hasRoom()
      if (isDue) group.asking = ask(group, jid, socket).finally(() => (group.asking = null))
      try {
        await group.asking
      } catch (error) {
        if (!group.metadata) throw error
      }
      if (!group.metadata) throw new Error('nothing is known of the group, and it may not be asked for yet')
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
