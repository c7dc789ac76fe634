import type { WASocket, WAMessageKey } from '@whiskeysockets/baileys'

import { chatKey, type Chat, type Person } from '../../contract/ids.ts'
import type { MessageKey } from '../../contract/message.ts'
import type { GroupCache } from '../recipients/group-cache.ts'
import { jidIn } from '../kinds/jid.ts'
import type { Journal } from '../tables/journal.ts'
import type { PeerAddresses } from '../recipients/peer-addresses.ts'

/** A message that somebody has begun to deal with. */
export type ReadMessage = {
  readonly chat: Chat
  readonly sender: Person
  readonly stanzaId: string
  /** As it came; it is told under these, a message to a list in the list. */
  readonly key?: MessageKey | null
}

/** What others see of us while we deal with what they wrote. Nothing of it is kept, and nothing waits for it. */
export type Attention = {
  /** We write in a chat, or do not any more. */
  readonly typing: (chat: Chat, typing: boolean) => void
  readonly read: (message: ReadMessage) => void
}

/** What is read within this time is told at once. */
const GATHERED_MS = 250

/** What it is shown with. */
export type AttentionPorts = {
  /** Null while nobody is connected. */
  readonly socket: () => WASocket | null
  readonly journal: Pick<Journal, 'complete'>
  readonly addresses: PeerAddresses
  readonly groups: Pick<GroupCache, 'modeOf'>
}

export function createAttention({ socket, journal, addresses, groups }: AttentionPorts): Attention {
  /** Where we write, under the key of the chat: what has begun at one address ends there. */
  const typedIn = new Map<string, string>()
  const jidOf = (person: Person): string => jidIn(addresses.modeFor(person), journal.complete(person))
  /** A member of a group is named as the group names its members. */
  const memberIn = (group: string, member: Person): string => jidIn(groups.modeOf(group), journal.complete(member))
  let read: WAMessageKey[] = []
  const show = async (jid: string, typing: boolean): Promise<void> => {
    const line = socket()
    if (!line) return
    // A device that always seems to be there keeps the owner's phone from ringing.
    if (typing && typedIn.size === 1) await line.sendPresenceUpdate('available')
    await line.sendPresenceUpdate(typing ? 'composing' : 'paused', jid)
    if (!typing && typedIn.size === 0) await line.sendPresenceUpdate('unavailable')
  }
  const tellRead = (): void => {
    const keys = read
    read = []
    void socket()
      ?.readMessages(keys)
      .catch(() => undefined)
  }
  return {
    typing: (chat, typing) => {
      const key = chatKey(chat)
      const jid = typedIn.get(key) ?? (chat.kind === 'group' ? chat.group : jidOf(chat.peer))
      if (typing) typedIn.set(key, jid)
      else if (!typedIn.delete(key)) return
      show(jid, typing).catch(() => undefined)
    },
    read: ({ chat, sender, stanzaId, key: came }) => {
      if (read.length === 0) setTimeout(tellRead, GATHERED_MS)
      const key = { id: stanzaId, fromMe: false }
      if (came) read.push({ ...key, remoteJid: came.remoteJid, participant: came.participant })
      else if (chat.kind === 'direct') read.push({ ...key, remoteJid: jidOf(chat.peer) })
      else read.push({ ...key, remoteJid: chat.group, participant: memberIn(chat.group, sender) })
    },
  }
}
