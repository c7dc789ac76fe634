import type { WireMessage } from '../../contract/api/messages.ts'

/** What is shown as one: a message, or all that came of an album. */
export type Row = {
  /** The message that tells what became of it: of an album the first picture. */
  readonly lead: WireMessage
  /** All that it shows, oldest first. */
  readonly parts: readonly WireMessage[]
  /** How many pictures and videos an album was announced with; null for everything else, and while that is not known. */
  readonly announced: number | null
}

/** Stanza ids are their senders' choice: an album is one only within its chat, and by one sender. */
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

/** The rows of messages that are listed newest first, in that order: an album stands where its first picture does. */
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

/** How much of an album came, in words; null for what is none. */
export function albumWords({ lead, parts, announced }: Row): string | null {
  if (lead.album === null) return null
  const many = announced ?? parts.length
  return parts.length < many ? `An album: ${parts.length} of ${many} received` : `An album of ${many}`
}
