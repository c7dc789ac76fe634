import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import { personalAddress, type Account } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { timerOf } from './chat-timers.ts'
import type { ChatTimer } from '../world/groups.ts'
import { giveToken, saltOf } from '../protocol/tokens.ts'
import type { World } from '../world/world.ts'

/** `HistorySync.nctSalt` is field 19; Baileys' types do not contain it. */
const saltField = 19

/**
 * The history that a phone sends to a new device: no messages, the timers of its chats, and whatever else the network's behaviours
 * add.
 */
export function historyOf({ behaviours, groups }: World, account: Account): Buffer {
  const syncType = proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP
  const pushnames = [{ id: formatAddress(personalAddress(account, 's.whatsapp.net')), pushname: account.pushName }]
  const direct = [...account.acquainted].map(peer => chatOf(peer, account, behaviours.history_has_tokens))
  const inGroups = groups.of(account).map(group => ({ id: group.id, ...timerIn(group.timer) }))
  const conversations = [...direct, ...inGroups].filter(told => Object.keys(told).length > 1)
  const known = proto.HistorySync.encode({ syncType, conversations, chunkOrder: 1, progress: 100, pushnames }).finish()
  const salt = behaviours.nct_salt_comes_by === 'history' ? bytesField(saltField, saltOf(account)) : Buffer.alloc(0)
  return deflateSync(Buffer.concat([known, salt]))
}

function chatOf(peer: Account, account: Account, hasToken: boolean): proto.IConversation & { id: string } {
  const token = hasToken ? giveToken(peer, account) : null
  return {
    id: formatAddress(personalAddress(peer, 'lid')),
    ...(token && { tcToken: token.bytes, tcTokenTimestamp: Number(token.atS) }),
    ...timerIn(timerOf(account, { peer })),
  }
}

/** Fields `Conversation.ephemeralExpiration` and `ephemeralSettingTimestamp` of WhatsApp's protobuf. */
function timerIn(
  timer: ChatTimer | undefined,
): Pick<proto.IConversation, 'ephemeralExpiration' | 'ephemeralSettingTimestamp'> {
  return timer ? { ephemeralExpiration: timer.seconds, ephemeralSettingTimestamp: timer.setAt } : {}
}

/** Encodes one protobuf field of bytes. */
export function bytesField(field: number, value: Uint8Array): Buffer {
  const lengthDelimited = 2
  return Buffer.concat([varint((field << 3) | lengthDelimited), varint(value.length), value])
}

function varint(value: number): Buffer {
  const written: number[] = []
  for (; value > 0x7f; value >>>= 7) written.push((value & 0x7f) | 0x80)
  return Buffer.from([...written, value])
}
