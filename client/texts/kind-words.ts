import type { MediaKind, MessageContent } from '../../plugin/contract/content.ts'
import type { OutboundContent } from '../../plugin/contract/delivery.ts'

type Kind = MessageContent['kind'] | OutboundContent['kind']
/** The kinds that need no label, because their text and files show what they are. */
type Plain = 'text' | 'media' | 'edit'

const KINDS: Readonly<Record<Exclude<Kind, Plain>, string>> & Readonly<Record<Plain, null>> = {
  text: null,
  media: null,
  edit: null,
  location: 'A place',
  contacts: 'Contacts',
  contact: 'A contact',
  poll: 'A poll',
  poll_vote: 'A vote',
  event: 'An event',
  event_response: 'An answer to an event',
  reaction: 'A reaction',
  revoke: 'Deletes a message',
  delete: 'Deletes a message',
  group_change: 'A change of the group',
  call: 'A call',
  album: 'An album',
  choice: 'A choice',
  order: 'An order',
  product: 'A product',
  comment: 'A comment on a message',
  payment: 'About money',
  business: 'A business message',
  unsupported: 'A kind of message that the channel does not support',
  view_once: 'View once, on the phone only',
  forgotten: 'It has disappeared from its chat and was deleted',
  sealed: 'An encrypted change of a message',
  undecryptable: 'A message that cannot be decrypted yet',
}

/** The label of a message kind, for the page and the terminal; null for kinds that their text and files explain. */
export const kindWords = (kind: string): string | null => (Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : kind)

/** Shown instead of a text that a role may not read. */
export const TEXT_WITHHELD = 'Your role does not read texts.'

const FILES: Readonly<Record<MediaKind, string>> = {
  image: 'Picture',
  video: 'Video',
  gif: 'Animation',
  video_note: 'Video note',
  audio: 'Sound',
  voice: 'Voice note',
  document: 'Document',
  sticker: 'Sticker',
}

/** The label of a file. */
export const fileWord = (kind: string): string => (Object.hasOwn(FILES, kind) ? FILES[kind as MediaKind] : 'File')
