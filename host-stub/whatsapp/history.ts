import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import { personalAddress, type Account } from './accounts.ts'
import { formatAddress } from './address.ts'
import { giveToken, saltOf } from './tokens.ts'
import type { World } from './world.ts'

/** `HistorySync.nctSalt` is field 19; Baileys' own types do not know it. */
const saltField = 19

/** The history that a phone sends to a new device: no messages, and whatever else the network is set to send. */
export function historyOf({ behaviours }: World, account: Account): Buffer {
  const syncType = proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP
  const pushnames = [{ id: formatAddress(personalAddress(account, 's.whatsapp.net')), pushname: account.pushName }]
  const conversations = behaviours.history_has_tokens ? [...account.acquainted].map(peer => chatOf(peer, account)) : []
  const known = proto.HistorySync.encode({ syncType, conversations, chunkOrder: 1, progress: 100, pushnames }).finish()
  const salt = behaviours.nct_salt_comes_by === 'history' ? bytesField(saltField, saltOf(account)) : Buffer.alloc(0)
  return deflateSync(Buffer.concat([known, salt]))
}

function chatOf(peer: Account, account: Account): proto.IConversation {
  const { bytes, atS } = giveToken(peer, account)
  return { id: formatAddress(personalAddress(peer, 'lid')), tcToken: bytes, tcTokenTimestamp: Number(atS) }
}

/** One field of a protobuf, of bytes. */
export function bytesField(field: number, value: Uint8Array): Buffer {
  const lengthDelimited = 2
  return Buffer.concat([varint((field << 3) | lengthDelimited), varint(value.length), value])
}

function varint(value: number): Buffer {
  const written: number[] = []
  for (; value > 0x7f; value >>>= 7) written.push((value & 0x7f) | 0x80)
  return Buffer.from([...written, value])
}
