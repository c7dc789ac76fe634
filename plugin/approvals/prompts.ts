import type { NewSend } from '../store/sends/new-send.ts'
import { type Prompt, promptText } from './texts.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import {
  type AccountKey,
  type Address,
  addressOfPerson,
  parseAddress,
  parsePhone,
  type Person,
  personAt,
  type Phone,
} from '../contract/ids.ts'
import { isNumber } from '../contacts/spellings.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import { listSpellings, namedPerson } from '../store/people/contacts.ts'
import type { ChatKey } from '../store/sql/schema.ts'

/** What the question to approvers is made from. */
export type Asked = {
  /** The message whose turn waits. */
  readonly message: StoredMessage
  readonly approval: Omit<Prompt, 'requester' | 'requesterName' | 'isGroup'> & { readonly id: string }
  readonly approvers: ReadonlySet<Address | Phone>
}

/** A text to send, as an answer, from the number that a message was sent to. */
export function sayingOf(
  { org, account, receiverId }: StoredMessage,
  { text, ...course }: Pick<NewSend, 'id' | 'chatKey' | 'class' | 'askFirst'> & { readonly text: string },
): NewSend {
  if (!receiverId) throw new ChannelError('internal')
  return { ...course, org, account, from: receiverId, content: { kind: 'text', text }, replyIndex: 1 }
}

/** Whether a person is an approver, by their LID or by any spelling of their number. */
export async function isApprover(
  connection: Connection,
  { key, sender }: { readonly key: AccountKey; readonly sender: Person },
  approvers: ReadonlySet<Address | Phone>,
): Promise<boolean> {
  const { lid, phone } = sender
  if (lid && approvers.has(`lid:${lid}` as Address)) return true
  if (!phone) return false
  const named = [...approvers].flatMap(address => parsePhone(address) ?? [])
  const spellings = await listSpellings(connection, key.org, named)
  return named.some(each => isNumber(each, phone, spellings) === 'yes')
}

/** One question per approver, in a direct chat with each. The requester is never asked. */
export async function promptsOf(transaction: Connection, { message, approval, approvers }: Asked): Promise<NewSend[]> {
  const { org, account, sender, senderId, senderName, chat, receiverId } = message
  const [isGroup, requester] = [chat.kind === 'group', addressOfPerson(sender)]
  const text = promptText({ ...approval, requester, requesterName: senderName, isGroup })
  const prompts: NewSend[] = []
  const asked = new Set<ChatKey>()
  for (const address of approvers) {
    const named = parseAddress(address)
    if (!named || named.kind === 'group') continue
    const { id: chatKey } = await namedPerson(transaction, { org, account }, personAt(named))
    if (chatKey === senderId || chatKey === receiverId || asked.has(chatKey)) continue
    asked.add(chatKey)
    const id = `snd_${approval.id.slice('apr_'.length)}_${prompts.length}`
    prompts.push(sayingOf(message, { id, chatKey, text, class: 'reply', askFirst: true }))
  }
  return prompts
}
