import { TRIGGER_KINDS, MAX_GATHER_MS } from '../config/inbound-limits.ts'
import type { Binding } from '../contract/binding.ts'
import type { MessageContent } from '../contract/content.ts'
import type { OutboundContent } from '../contract/delivery.ts'
import type { Connection } from '../store/sql/connection.ts'
import {
  type Album,
  ALBUM_MOST,
  captionsOf,
  findAlbum,
  findAlbumTurn,
  findGathering,
  type Gathering,
  gatherUntil,
  joinTurn,
  type Piece,
  retarget,
  type Speaker,
  takePart,
} from '../store/messages/message-batches.ts'
import { albumIn } from '../store/messages/messages.ts'
import { queueTurn } from '../store/turns/turns.ts'

/** The most messages of one turn. */
const PIECES_MOST = 20
/** How long an album waits for pictures that have not arrived, in ms. */
const ALBUM_PATIENCE_MS = 20_000
/** The resolution of WhatsApp's time stamps: whole seconds. */
const STAMP_MS = 1_000

/** Kinds of content that are acts of their own: an agent sees such a message alone. */
const ALONE: ReadonlySet<string> = new Set([...TRIGGER_KINDS, 'choice', 'order', 'payment'])

/** The binding that takes a message, as far as the message's turn needs it. */
export type Taker = Pick<Binding, 'id' | 'agent' | 'conversation'>

/** A message that a binding takes. `edits`: the earlier message whose content it replaces; `run`: the value that its turn gets. */
export type Said = Speaker &
  Omit<Piece, 'album'> & {
    readonly content: MessageContent | OutboundContent
    readonly edits: string | null
    readonly run: number
  }

/** The turn that a message joined: the id of the turn's first message, and the parts of an album that were taken along. */
export type Gathered = { readonly headId: string; readonly along: readonly string[] }

type Joining = {
  readonly said: Omit<Said, 'run' | 'id'>
  readonly album: Album | null
  readonly binding: Taker
  readonly gatherMs: number
}

/**
 * Queues a turn for a message, or adds the message to the turn in which its sender's last words still wait. Pieces that a person
 * writes within `gatherMs` of each other, and the pictures of an album, are one question. Must run in the transaction that takes
 * the message.
 */
export async function gather(
  transaction: Connection,
  said: Said,
  { binding, gatherMs }: { readonly binding: Taker; readonly gatherMs: number },
): Promise<Gathered> {
  const albumId = albumIn(said.content)
  const album = albumId === null ? null : await findAlbum(transaction, said, albumId)
  const joining: Joining = { said, album, binding, gatherMs }
  const open = await openTurn(transaction, joining)
  const headId = open?.headId ?? said.id
  if (open) await joinTurn(transaction, headId, said.id)
  else await queueTurn(transaction, said, binding)
  const along = (open ?? album) ? await takeAlong(transaction, joining, { turnOf: headId, open }) : []
  const now = Date.now()
  const until = untilOf(joining, open, now)
  if (until !== null) await gatherUntil(transaction, headId, { until, now })
  return { headId, along }
}

/**
 * A person asks for an answer to this message. Queues a turn for the message by itself, and for the parts of its album that no rule
 * took.
 */
export async function askAnew(transaction: Connection, said: Said, binding: Taker): Promise<Gathered> {
  const albumId = albumIn(said.content)
  const album = albumId === null ? null : await findAlbum(transaction, said, albumId)
  await queueTurn(transaction, said, binding)
  const along = await takeAlong(transaction, { album, binding }, { turnOf: said.id, open: null })
  return { headId: said.id, along }
}

/** Whether a message belongs to a question that waits to be asked. */
export async function isPiece(
  transaction: Connection,
  said: Joining['said'],
  { binding, gatherMs }: { readonly binding: Taker; readonly gatherMs: number },
): Promise<boolean> {
  const albumId = albumIn(said.content)
  const album = albumId === null ? null : await findAlbum(transaction, said, albumId)
  return (await openTurn(transaction, { said, album, binding, gatherMs })) !== null
}

async function openTurn(transaction: Connection, joining: Joining): Promise<Gathering | null> {
  const { said, album, binding, gatherMs } = joining
  const ofAlbum = album && (await findAlbumTurn(transaction, said, album))
  if (ofAlbum && ofAlbum !== 'begun') return ofAlbum
  if (gatherMs === 0 || isAlone(said)) return null
  const open = await findGathering(transaction, said)
  return open && open.binding.id === binding.id && isWithin(said, open, gatherMs) ? open : null
}

const isAlone = ({ content, edits }: Pick<Said, 'content' | 'edits'>): boolean =>
  edits !== null || ALONE.has(content.kind)

function isWithin(said: Joining['said'], { pieces }: Gathering, gatherMs: number): boolean {
  const [first, last] = [pieces[0], pieces.at(-1)]
  if (!first || !last || pieces.length >= PIECES_MOST) return false
  return gapBetween(last, said) <= gatherMs && gapBetween(first, said) <= MAX_GATHER_MS
}

type Instants = Pick<Piece, 'sentAt' | 'receivedAt'>

/**
 * The time between the writing of two messages, in ms. The times of arrival are more exact than WhatsApp's stamps of whole seconds.
 * If the two do not agree, one of the messages was delayed on its way, and the stamps count.
 */
export function gapBetween(one: Instants, other: Instants): number {
  const received = Math.abs(other.receivedAt - one.receivedAt)
  const sent = Math.abs(other.sentAt - one.sentAt)
  return Math.abs(received - sent) < STAMP_MS ? received : sent
}

/** Until when the turn waits for more messages; null if nothing can join the turn. */
function untilOf({ said, album, gatherMs }: Joining, open: Gathering | null, now: number): number | null {
  const albumId = albumIn(said.content)
  if (album && isIncomplete(album)) {
    const isFirst = !open?.pieces.some(piece => piece.album === albumId)
    return isFirst || !open ? now + ALBUM_PATIENCE_MS : open.until
  }
  if (gatherMs === 0 || isAlone(said)) return (open ?? album) ? now : null
  // If a message arrives in the middle of an album, the album keeps waiting.
  const soonest = Math.max(now, album ? 0 : (open?.until ?? 0))
  if ((open?.pieces.length ?? 0) + 1 >= PIECES_MOST) return soonest
  const longest = (open?.queuedAt ?? now) + MAX_GATHER_MS
  return Math.max(soonest, Math.min(longest, now + gatherMs))
}

/**
 * A binding that takes one part of an album takes all parts. Parts that no rule took by themselves are added to the turn, and the
 * turn gets this binding.
 */
async function takeAlong(
  transaction: Connection,
  { album, binding }: Pick<Joining, 'album' | 'binding'>,
  { turnOf, open }: { readonly turnOf: string; readonly open: Gathering | null },
): Promise<string[]> {
  if (open && open.binding.id !== binding.id) await retarget(transaction, open, binding)
  const left = album?.parts.filter(({ outcome }) => outcome === 'unmatched: no_binding') ?? []
  for (const { id } of left) {
    await takePart(transaction, id, binding)
    await joinTurn(transaction, turnOf, id)
  }
  return left.map(({ id }) => id)
}

/**
 * The announcement of an album may arrive after its parts. Returns whether the album is complete now, so that its turn need not
 * wait for more parts.
 */
export async function announceAlbum(
  transaction: Connection,
  speaker: Speaker,
  { albumId, gatherMs }: { readonly albumId: string; readonly gatherMs: number },
): Promise<boolean> {
  const album = await findAlbum(transaction, speaker, albumId)
  const turn = await findAlbumTurn(transaction, speaker, album)
  if (turn === null || turn === 'begun' || isIncomplete(album)) return false
  const now = Date.now()
  await gatherUntil(transaction, turn.headId, { until: now + gatherMs, now })
  return true
}

const isIncomplete = ({ parts, announced }: Album): boolean =>
  parts.length < Math.min(ALBUM_MOST, announced ?? ALBUM_MOST)

/** What judging a part of an album needs to know about the other parts. */
export type AlbumSoFar = {
  /**
   * The binding whose agent is about to be asked; `late` if the agent was or is being asked without this part; null if no binding
   * takes the album so far.
   */
  readonly taker: Taker | 'late' | null
  /** The captions of the other parts, in their order, without empty ones. */
  readonly captions: readonly string[]
  readonly mentioned: boolean
  readonly forwarded: boolean
}

/** What arrived before of the album that a picture or a video belongs to; null if it belongs to none. */
export async function albumSoFar(
  transaction: Connection,
  { content, id, ...speaker }: Speaker & { readonly content: Said['content']; readonly id: string | null },
): Promise<AlbumSoFar | null> {
  const albumId = albumIn(content)
  if (albumId === null) return null
  const album = await findAlbum(transaction, speaker, albumId)
  const turn = await findAlbumTurn(transaction, speaker, album)
  const others = album.parts.filter(part => part.id !== id)
  return {
    taker: turn === 'begun' || others.length >= ALBUM_MOST ? 'late' : (turn?.binding ?? null),
    captions: captionsOf(others),
    mentioned: others.some(({ mentioned }) => mentioned),
    forwarded: others.some(({ forwarded }) => forwarded),
  }
}
