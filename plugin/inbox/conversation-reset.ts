import type { Settings } from '../config/settings.ts'
import { parseGroupId, type OrgId } from '../contract/ids.ts'
import { foldText } from '../formatting/fold-text.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import type { Enqueue } from '../store/sends/new-send.ts'
import type { StoredSend } from '../store/sends/sends.ts'

const FRESH_START = 'A fresh start: what was said before this does not count any more.'

/** What restarting conversations needs. */
export type ConversationResetParts = {
  readonly enqueue: Enqueue
  readonly settings: (org: OrgId) => Pick<Settings, 'resetTrigger'>
}

type Written = Pick<StoredMessage, 'org' | 'account' | 'id' | 'chatKey' | 'receiverId'>

/** Decides whether a message restarts a conversation, and confirms the restart. */
export class ConversationReset {
  readonly #parts: ConversationResetParts

  constructor(parts: ConversationResetParts) {
    this.#parts = parts
  }

  /** Whether a message, which an agent would otherwise be asked about, only restarts the conversation. */
  isReset(org: OrgId, content: StoredMessage['content']): boolean {
    const { resetTrigger } = this.#parts.settings(org)
    return resetTrigger !== null && content.kind === 'text' && foldText(content.text) === foldText(resetTrigger)
  }

  /** Queues the confirmation in the transaction that stores the message, so it is said exactly once even if the process dies. */
  async confirm(transaction: Connection, { receiverId, ...message }: Written): Promise<StoredSend | null> {
    const { org, account, id, chatKey } = message
    if (!receiverId) return null
    return this.#parts.enqueue(transaction, {
      org,
      account,
      chatKey,
      id: `snd_${id.slice('msg_'.length)}_reset`,
      from: receiverId,
      content: { kind: 'text', text: FRESH_START },
      class: parseGroupId(chatKey) ? 'group' : 'reply',
      replyIndex: 0,
      answers: id,
    })
  }
}
