import type { OutboundContent, Remark, Target } from '../../contract/delivery.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import type { Chat, GroupId, Person } from '../../contract/ids.ts'
import type { AccountFiles } from '../media/account-files.ts'
import type { ChatTimers } from '../tables/chat-timers.ts'
import type { GroupCache } from '../recipients/group-cache.ts'
import { jidIn, modeOfJid } from '../kinds/jid.ts'
import type { Journal } from '../tables/journal.ts'
import type { PutFile } from '../media/upload-file.ts'
import type { PeerAddresses } from '../recipients/peer-addresses.ts'
import { renderMessage } from '../messages/to-whatsapp.ts'

/** What is to be rendered. `file` names where the content's file is, and the name under which its progress is reported. */
export type ToRender = {
  readonly content: OutboundContent
  readonly chat: Chat
  readonly file: { readonly path: string; readonly name: string } | null
}

/** The bytes of a message, and a remark on how it differs from the requested content. */
export type Rendered = {
  readonly bytes: Uint8Array
  readonly remark: Remark | null
  /** The timer of the chat; null: the message stays. */
  readonly expiresInSeconds: number | null
}

/** What rendering needs. */
export type RenderingPorts = {
  readonly files: AccountFiles
  readonly journal: Pick<Journal, 'complete' | 'modeOf'>
  readonly addresses: PeerAddresses
  readonly groups: Pick<GroupCache, 'known' | 'modeOf'>
  readonly self: () => Person
  readonly timers: Pick<ChatTimers, 'of'>
  /** Asks WhatsApp to describe a group. @throws when it cannot be asked. */
  readonly described: (group: GroupId) => Promise<void>
  readonly now: () => number
}

/** Creates the renderer. It uploads the content's file to WhatsApp's hosts first. */
export function createRendering({
  files,
  journal,
  addresses,
  groups,
  self,
  timers,
  described,
  now,
}: RenderingPorts): (saying: ToRender) => Promise<Rendered> {
  const put = async ({ content, file }: ToRender): Promise<PutFile | null> => {
    if (content.kind !== 'media') return null
    if (!file) throw new ChannelError('bad_request')
    return files.put({ file: content.file, ...file })
  }
  return async saying => {
    const sent = await put(saying)
    const { content, chat } = saying
    const { complete } = journal
    // A timer that was set before the link is known only from the group's description. If WhatsApp cannot be asked now, the known
    // timer is used.
    if (chat.kind === 'group' && !groups.known(chat.group)) await described(chat.group).catch(() => undefined)
    const named = (target: Target): string => {
      if (chat.kind === 'group') return chat.group
      const came = target.fromMe ? journal.modeOf(target.stanzaId) : null
      return jidIn(came ?? addresses.wroteIn(chat.peer), complete(chat.peer))
    }
    const ownJid = ({ stanzaId, key }: Target): string | null => {
      const group = chat.kind === 'group' ? chat.group : null
      const direct = modeOfJid(key?.remoteJid) ?? journal.modeOf(stanzaId)
      const mode = group === null ? direct : groups.known(group) ? groups.modeOf(group) : null
      return mode && jidIn(mode, complete(self()))
    }
    const timer = timers.of(chat)
    const bytes = renderMessage({
      content,
      chat,
      named,
      ownJid,
      at: now(),
      complete,
      file: sent?.part ?? null,
      timer,
    })
    return { bytes, remark: sent?.remark ?? null, expiresInSeconds: timer?.seconds ?? null }
  }
}
