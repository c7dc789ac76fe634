import type { Saying } from './acceptance.ts'
import type { Prompt } from './approval-wording.ts'
import { promptText } from './approval-wording.ts'
import { ChannelError } from './contract/errors.ts'
import type { Phone } from './contract/ids.ts'
import { addressOfPerson } from './contract/ids.ts'
import type { Connection } from './store/connection.ts'
import type { StoredMessage } from './store/messages.ts'
import { namedPerson } from './store/contacts.ts'

/** What approvers are asked about. */
export type Asked = {
  /** The message whose turn waits. */
  readonly message: StoredMessage
  readonly approval: Omit<Prompt, 'requester' | 'requesterName' | 'isGroup'> & { readonly id: string }
  readonly approvers: ReadonlySet<Phone>
}

/** A text that is said by the number that a message was written to, and answers somebody. */
export function sayingOf(
  { org, account, receiverId }: StoredMessage,
  { text, ...course }: Pick<Saying, 'id' | 'chatKey' | 'class' | 'askFirst'> & { readonly text: string },
): Saying {
  if (!receiverId) throw new ChannelError('internal')
  return { ...course, org, account, from: receiverId, content: { kind: 'text', text }, replyIndex: 1 }
}

/** A question to each approver, in a chat of their own. Whoever asks is no approver of it. */
export async function promptsOf(transaction: Connection, { message, approval, approvers }: Asked): Promise<Saying[]> {
  const { org, account, sender, senderId, senderName, chat, receiverId } = message
  const [isGroup, requester] = [chat.kind === 'group', addressOfPerson(sender)]
  const text = promptText({ ...approval, requester, requesterName: senderName, isGroup })
  const prompts: Saying[] = []
  for (const phone of approvers) {
    const { id: chatKey } = await namedPerson(transaction, { org, account }, { phone, lid: null })
    if (chatKey === senderId || chatKey === receiverId) continue
    const id = `snd_${approval.id.slice('apr_'.length)}_${prompts.length}`
    prompts.push(sayingOf(message, { id, chatKey, text, class: 'reply', askFirst: true }))
  }
  return prompts
}
