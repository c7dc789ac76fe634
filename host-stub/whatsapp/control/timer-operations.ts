import { proto } from '@whiskeysockets/baileys'
import { setPair } from '../phone/chat-timers.ts'
import type { ParsedOf } from '../contract/control-contract.ts'
import { tell } from '../phone/membership.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { findChat, usualMode } from './phone-operations.ts'
import { say } from '../phone/speaking.ts'
import { stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Sets the timer of a chat: in a group the server notifies the members, otherwise the phone notifies its peer. */
export async function setTimer(
  world: World,
  { name, to, seconds }: ParsedOf<'phones/set_timer'>,
): Promise<Record<string, never>> {
  const author = phoneNamed(world, name)
  const chat = findChat(world, to)
  const timer = { seconds, setAt: Math.floor(Date.now() / 1000) }
  if ('group' in chat) {
    chat.group.timer = timer
    const set = stanza('ephemeral', { expiration: String(seconds) })
    tell(chat.group, author, seconds > 0 ? set : stanza('not_ephemeral', {}))
    return {}
  }
  setPair(author, chat.peer, timer)
  const { EPHEMERAL_SETTING: type } = proto.Message.ProtocolMessage.Type
  const protocolMessage = { type, ephemeralExpiration: seconds, ephemeralSettingTimestamp: timer.setAt }
  const addressedBy = usualMode(chat)
  await say(world, { author, chat, content: { protocolMessage }, addressedBy, revealAlternate: true, garbled: 0 })
  return {}
}
