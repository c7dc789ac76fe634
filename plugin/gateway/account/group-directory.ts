import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'

import { ChannelError } from '../../contract/errors/errors.ts'
import { unreachable } from '../../contract/errors/unreachable.ts'
import type { Group, GroupMember, GroupSummary } from '../../contract/group.ts'
import type { GroupId } from '../../contract/ids.ts'
import type { GroupCache } from '../recipients/group-cache.ts'
import { groupOfJid, personOfJids } from '../kinds/jid.ts'

/** The groups that an account is in. WhatsApp is asked for them as rarely as for a send (reliability.md §6). */
export type GroupDirectory = {
  /** @throws ChannelError `gateway_unreachable` when nothing is cached and WhatsApp cannot be asked now. */
  readonly list: () => Promise<GroupSummary[]>
  /** @throws ChannelError `not_found` for a group that the account is not in, and the same as `list`. */
  readonly get: (group: GroupId) => Promise<Group>
}

type Ports = {
  readonly cache: GroupCache
  readonly now: () => number
  /** @throws ChannelError when there is no connection. */
  readonly socket: () => WASocket
}

const LIST_GAP_MS = 300_000
/** WhatsApp's error codes for a group that the account is not in. */
const NOT_OURS = new Set([401, 403, 404])

export function createGroupDirectory({ cache, now, socket }: Ports): GroupDirectory {
  let listed: { readonly at: number; readonly groups: Promise<GroupSummary[]> } | null = null
  const ask = async (): Promise<GroupSummary[]> => {
    const found = await socket().groupFetchAllParticipating()
    return Object.values(found).flatMap(metadata => summaryOf(metadata))
  }
  return {
    list: async () => {
      if (!listed || now() - listed.at >= LIST_GAP_MS) {
        const before = listed
        const groups = ask()
        listed = { at: now(), groups }
        // A failed query is not cached for five minutes.
        groups.catch(() => (listed = before))
      }
      return listed.groups.catch(() => notKnown())
    },
    get: async group => {
      await cache.refresh(group, socket()).catch(refused)
      const metadata = cache.known(group)
      const [summary] = metadata ? summaryOf(metadata) : []
      if (!metadata || !summary) return notKnown()
      return { ...summary, description: metadata.desc ?? '', members: metadata.participants.flatMap(memberOf) }
    },
  }
}

function refused(error: unknown): never {
  const { data } = (error ?? {}) as { data?: unknown }
  if (typeof data === 'number' && NOT_OURS.has(data)) throw new ChannelError('not_found')
  return notKnown()
}

function notKnown(): never {
  throw unreachable('no_network')
}

function summaryOf({ id, subject, participants }: GroupMetadata): GroupSummary[] {
  const group = groupOfJid(id)
  return group ? [{ id: group, subject, size: participants.length }] : []
}

function memberOf({ id, phoneNumber, lid, admin }: GroupMetadata['participants'][number]): GroupMember[] {
  const person = personOfJids(id, phoneNumber ?? lid)
  return person ? [{ person, admin: admin === 'admin' || admin === 'superadmin' }] : []
}
