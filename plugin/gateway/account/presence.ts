import type { WASocket, WAMessageKey } from '@whiskeysockets/baileys'

import { chatKey, type Chat, type Person } from '../../contract/ids.ts'
import type { MessageKey } from '../../contract/message.ts'
import type { GroupCache } from '../recipients/group-cache.ts'
import { jidIn } from '../kinds/jid.ts'
import type { Journal } from '../tables/journal.ts'
import type { PeerAddresses } from '../recipients/peer-addresses.ts'

/** A message that is now being processed. */
export type ReadMessage = {
  readonly chat: Chat
  readonly sender: Person
  readonly stanzaId: string
  /** The key that the message came with. The read receipt uses it; for a message to a broadcast list it names the list. */
  readonly key?: MessageKey | null
}

/** What others see while we process their messages. Nothing of it is stored, and nothing waits for it. */
export type Attention = {
  /** Shows that we are typing in a chat, or have stopped. */
  readonly typing: (chat: Chat, typing: boolean) => void
  readonly read: (message: ReadMessage) => void
}

/** Messages read within this time are reported together. */
const GATHERED_MS = 250

/** What attention needs. */
export type AttentionPorts = {
  /** Null while there is no connection. */
  readonly socket: () => WASocket | null
  readonly journal: Pick<Journal, 'complete'>
  readonly addresses: PeerAddresses
  readonly groups: Pick<GroupCache, 'modeOf'>
}

export function createAttention({ socket, journal, addresses, groups }: AttentionPorts): Attention {
  /** The JID where we are typing, by chat key: typing that has begun at one address ends there. */
  const typedIn = new Map<string, string>()
  const jidOf = (person: Person): string => jidIn(addresses.modeFor(person), journal.complete(person))
  /** A member's JID, in the addressing mode of the group. */
  const memberIn = (group: string, member: Person): string => jidIn(groups.modeOf(group), journal.complete(member))
  let read: WAMessageKey[] = []
  const show = async (jid: string, typing: boolean): Promise<void> => {
    const line = socket()
    if (!line) return
    // A device that always appears online keeps the owner's phone from ringing.
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
