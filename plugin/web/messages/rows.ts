import type { WireMessage } from '../../contract/api/messages.ts'
import { messageTexts as texts } from '../texts/message-texts.ts'

/** A row of the list: a message, or the parts of an album. */
export type Row = {
  /** The message whose course is shown; for an album, the first picture. */
  readonly lead: WireMessage
  /** The messages shown, oldest first. */
  readonly parts: readonly WireMessage[]
  /** The number of pictures and videos announced for an album; null for other messages, and while it is unknown. */
  readonly announced: number | null
}

/** Senders choose their stanza ids, so an album is identified within one chat and one sender. */
const albumKey = ({ account, chat, from, album }: WireMessage): string | null =>
  album === null ? null : JSON.stringify([account, chat, from, album])

function announcedIn({ details }: WireMessage): number | null {
  const [images, videos] = [Number(details?.['images'] ?? 0), Number(details?.['videos'] ?? 0)]
  return images + videos > 0 ? images + videos : null
}

function albumRow(members: readonly WireMessage[]): Row | null {
  const parent = members.find(({ kind }) => kind === 'album')
  const parts = members.filter(({ kind }) => kind !== 'album')
  const lead = parts.find(({ gathered_in: into }) => into === null) ?? parts[0] ?? parent
  return lead ? { lead, parts, announced: parent ? announcedIn(parent) : null } : null
}

/** The rows of messages, both newest first. An album is placed where its first picture is. */
export function rowsOf(messages: readonly WireMessage[]): Row[] {
  const albums = new Map<string, WireMessage[]>()
  for (const message of messages) {
    const key = albumKey(message)
    if (key !== null) albums.set(key, [message, ...(albums.get(key) ?? [])])
  }
  return messages.flatMap(message => {
    const key = albumKey(message)
    if (key === null) return [{ lead: message, parts: [message], announced: null }]
    const row = albumRow(albums.get(key) ?? [])
    return row?.lead === message ? [row] : []
  })
}

/** How much of an album has arrived, in words; null for other rows. */
export function albumWords({ lead, parts, announced }: Row): string | null {
  if (lead.album === null) return null
  const many = announced ?? parts.length
  return parts.length < many ? texts.albumInPart(parts.length, many) : texts.album(many)
}
