import type { WASocket, WAMessageKey } from '@whiskeysockets/baileys'

import type { Chat, Person } from '../contract/ids.ts'
import { jidOfChat, jidOfPerson } from './identity.ts'

/** A message that somebody has begun to deal with. */
export type ReadMessage = { readonly chat: Chat; readonly sender: Person; readonly stanzaId: string }

/** What others see of us while we deal with what they wrote. Nothing of it is kept, and nothing waits for it. */
export type Attention = {
  /** We write in a chat, or do not any more. */
  readonly typing: (chat: Chat, typing: boolean) => void
  readonly read: (message: ReadMessage) => void
}

/** What is read within this time is told at once. */
const GATHERED_MS = 250

/** `socket` is null while nobody is connected. */
export function createAttention(socket: () => WASocket | null): Attention {
  const typedIn = new Set<string>()
  let read: WAMessageKey[] = []
  const show = async (jid: string, typing: boolean): Promise<void> => {
    const line = socket()
    if (!line) return
    // Whoever is seen as there all the time keeps the owner's phone from ringing.
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
      const jid = jidOfChat(chat)
      if (typing) typedIn.add(jid)
      else if (!typedIn.delete(jid)) return
      show(jid, typing).catch(() => undefined)
    },
    read: ({ chat, sender, stanzaId }) => {
      if (read.length === 0) setTimeout(tellRead, GATHERED_MS)
      const participant = chat.kind === 'group' ? { participant: jidOfSender(sender) } : {}
      const remoteJid = chat.kind === 'group' ? chat.group : jidOfSender(chat.peer)
      read.push({ remoteJid, id: stanzaId, fromMe: false, ...participant })
    },
  }
}

/** By LID when it is known, as phones address one another. */
const jidOfSender = ({ lid, phone }: Person): string => jidOfPerson(lid ? { lid, phone: null } : { lid: null, phone })
