import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'

/** Who is in a group, asked of WhatsApp at most once in five minutes and group unless it tells of a change. */
export type GroupCache = {
  readonly known: (jid: string) => GroupMetadata | undefined
  /** Asks when nothing fresh is known, and has Baileys learn the addresses that came along. */
  readonly refresh: (jid: string, socket: WASocket) => Promise<void>
  readonly forget: (jid: string | undefined) => void
}

const FRESH_MS = 300_000
const KEPT_GROUPS = 500

export function createGroupCache(now: () => number): GroupCache {
  const groups = new Map<string, { readonly metadata: GroupMetadata; readonly at: number }>()
  const known = (jid: string): GroupMetadata | undefined => {
    const entry = groups.get(jid)
    return entry && now() - entry.at < FRESH_MS ? entry.metadata : undefined
  }
  return {
    known,
    refresh: async (jid, socket) => {
      if (known(jid)) return
      const metadata = await socket.groupMetadata(jid)
      const oldest = groups.size >= KEPT_GROUPS ? groups.keys().next().value : undefined
      if (oldest !== undefined) groups.delete(oldest)
      groups.set(jid, { metadata, at: now() })
      const pairs = metadata.participants.flatMap(({ id, phoneNumber }) =>
        phoneNumber ? [{ lid: id, pn: phoneNumber }] : [],
      )
      await socket.signalRepository.lidMapping.storeLIDPNMappings(pairs)
    },
    forget: jid => {
      if (jid !== undefined) groups.delete(jid)
    },
  }
}
