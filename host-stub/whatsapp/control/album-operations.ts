import type { ParsedOf } from '../contract/control-contract.ts'
import { withTimer } from '../phone/chat-timers.ts'
import { withRemarks } from '../phone/composing.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { findChat, remarksOf, usualMode } from './phone-operations.ts'
import { say } from '../phone/speaking.ts'
import type { World } from '../world/world.ts'
import { albumMessage } from '../phone/album.ts'

/** A phone announces an album; each of its files is sent by its own call. */
export async function announceAlbum(world: World, request: ParsedOf<'phones/announce_album'>): Promise<{ id: string }> {
  const { id, images, videos } = request
  const author = phoneNamed(world, request.name)
  const chat = findChat(world, request.to)
  const addressedBy = request.addressed_by ?? usualMode(chat)
  const remarked = withRemarks(albumMessage({ images, videos }), remarksOf(world, request, addressedBy))
  const content = withTimer(remarked, author, chat)
  return { id: await say(world, { id, author, chat, content, addressedBy, revealAlternate: true, garbled: 0 }) }
}
