import type { proto } from '@whiskeysockets/baileys'

import type { MessageContent } from '../../contract/content.ts'
import { MESSAGE_TYPES } from './message-types.ts'
import type { Unwrapped } from './unwrap.ts'

type TypeName = keyof proto.IMessage
type AnyRole =
  | {
      readonly is: 'said'
      readonly read: (part: unknown, whole: Unwrapped) => MessageContent | null
      readonly words?: (part: unknown) => string
    }
  | { readonly is: 'titled'; readonly words: (part: unknown) => string }
  | { readonly is: 'wrapper' | 'aside' | 'change' | 'unsaid' }

const ROLES = Object.entries(MESSAGE_TYPES) as [TypeName, AnyRole][]
const KNOWN = new Map(ROLES)

/** What a message says, in our terms; null if it says nothing, like one that only has the keys for a group. */
export function contentOf(whole: Unwrapped): MessageContent | null {
  const { message } = whole
  for (const [name, role] of ROLES) {
    const part = message[name]
    const content = part !== null && part !== undefined && role.is === 'said' ? role.read(part, whole) : null
    if (content) return content
  }
  if (typeof message.conversation === 'string') return { kind: 'text', text: message.conversation }
  const [type] = Object.keys(message).filter(name => isTold(message, name as TypeName)) as TypeName[]
  return type === undefined ? null : { kind: 'unsupported', type, caption: wordsIn(message, type) }
}

const isTold = (message: proto.IMessage, name: TypeName): boolean =>
  message[name] !== null && message[name] !== undefined && KNOWN.get(name)?.is !== 'aside'

function wordsIn(message: proto.IMessage, name: TypeName): string {
  const role = KNOWN.get(name)
  return role && 'words' in role ? (role.words?.(message[name]) ?? '') : ''
}
