import type { GroupCard, PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'

/** A message with its reactions. */
export type Bubble = {
  readonly line: ScreenLine
  readonly reactions: readonly string[]
  readonly quoted: string | null
}

/** A chat of one phone. */
export type Chat = {
  /** The other side: the name of a person or the id of a group. */
  readonly to: { phone: string } | { group: string }
  readonly key: string
  readonly title: string
  /** Whether the other side is a linked number, where agents may answer. */
  readonly isLinked: boolean
  /** Everybody else in the chat. */
  readonly others: readonly PhoneCard[]
  readonly bubbles: readonly Bubble[]
}

const keyOf = (line: ScreenLine): string => ('group' in line.chat ? line.chat.group : line.chat.with)

const counted = (count: number, what: string): string[] =>
  count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]

function albumWords({ images, videos }: NonNullable<ScreenLine['album']>): string {
  return `An album: ${[...counted(images, 'picture'), ...counted(videos, 'video')].join(' and ') || 'nothing'}`
}

/** How long messages in a chat may be kept, in seconds; 0: forever. WhatsApp's app offers these. */
export const TIMERS: ReadonlyMap<number, string> = new Map([
  [0, 'never'],
  [86_400, 'after 24 hours'],
  [604_800, 'after 7 days'],
  [7_776_000, 'after 90 days'],
])

export const timerWords = (seconds: number): string => TIMERS.get(seconds) ?? `after ${seconds} seconds`

/** How long messages in a chat are kept, according to its newest line; 0 if that line has no timer. */
export function timerIn(bubbles: readonly Bubble[]): number {
  const newest = bubbles.at(-1)?.line
  return newest?.timerSet ?? newest?.expiration ?? 0
}

/** The content of a line, in short. */
export function wordsOf({ kind, text, file, album, timerSet }: ScreenLine): string {
  if (album) return albumWords(album)
  if (timerSet !== undefined) return `Messages disappear ${timerWords(timerSet)}`
  if (file) return file.caption || file.name || (file.mime.startsWith('image/') ? 'Picture' : 'File')
  return kind === 'other' ? 'A message of a kind that is not shown here' : text
}

function bubblesOf(lines: readonly ScreenLine[]): Bubble[] {
  const reactions = new Map<string, Map<string, string>>()
  for (const { reaction, from } of lines) {
    if (!reaction) continue
    const said = reactions.get(reaction.to) ?? new Map<string, string>()
    reactions.set(reaction.to, said.set(from.name, reaction.emoji))
  }
  return lines
    .filter(({ kind }) => kind !== 'reaction')
    .map(line => {
      const quoted = lines.find(({ id }) => id === line.quotes)
      const said = [...(reactions.get(line.id)?.values() ?? [])].filter(emoji => emoji !== '')
      return { line, reactions: said, quoted: quoted ? wordsOf(quoted) : null }
    })
}

/** The chats of a phone, newest first. Everybody is in its address book. */
export function chatsOf(
  me: PhoneCard,
  town: { readonly phones: readonly PhoneCard[]; readonly groups: readonly GroupCard[] },
  lines: readonly ScreenLine[],
): Chat[] {
  const others = town.phones.filter(({ name }) => name !== me.name)
  const inChat = (key: string): Bubble[] => bubblesOf(lines.filter(line => keyOf(line) === key))
  const direct = others.map(phone => ({
    to: { phone: phone.name },
    key: phone.name,
    title: phone.push_name,
    isLinked: phone.devices.length > 0,
    others: [phone],
    bubbles: inChat(phone.name),
  }))
  const joined = town.groups.filter(({ members }) => members.includes(me.name))
  const inGroups = joined.map(({ id, subject, members }) => ({
    to: { group: id },
    key: id,
    title: subject,
    isLinked: false,
    others: others.filter(({ name }) => members.includes(name)),
    bubbles: inChat(id),
  }))
  const newest = ({ bubbles }: Chat): number => bubbles.at(-1)?.line.sequence ?? 0
  return [...direct, ...inGroups].toSorted((one, other) => newest(other) - newest(one))
}
