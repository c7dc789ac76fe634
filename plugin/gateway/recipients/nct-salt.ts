import { proto } from '@whiskeysockets/baileys'

import { bytesField } from './protobuf-field.ts'

/**
 * The fields of the salt from which cstokens are computed for people who have given the account no token. WhatsApp sends it with
 * the history and as an action of the app state (whatsmeow 82d579d5, 2026-05-04); the types of rc14 have neither field.
 */
const IN_HISTORY = 19
const IN_ACTION = 80
const SALT_OF_ACTION = 1
const ACTION = 'nct_salt_sync'
/** Ours are 32 bytes long; the length of WhatsApp's is not documented. */
const LONGEST_SALT = 1_024

type Decode<Message> = (reader: unknown, length?: number, end?: number) => Message
type Reading = { readonly buf: Uint8Array; readonly pos: number }

/** The salts, by the decoded part of a message that Baileys passes on. */
const salts = new WeakMap<object, Uint8Array>()

/**
 * From now on, keeps the salt whenever Baileys decodes a history or an action of the app state. The decoders of the exported types
 * are wrapped, in this process only; Baileys' own functions are not changed.
 */
export function keepSalts(): void {
  const { HistorySync, SyncActionValue } = proto
  const history = HistorySync.decode.bind(HistorySync) as Decode<proto.HistorySync>
  HistorySync.decode = ((reader, ...rest) => {
    const decoded = history(reader, ...rest)
    if (reader instanceof Uint8Array) keep(decoded.pastParticipants, bytesField(reader, IN_HISTORY))
    return decoded
  }) as typeof HistorySync.decode
  const action = SyncActionValue.decode.bind(SyncActionValue) as Decode<proto.SyncActionValue>
  SyncActionValue.decode = ((reader, length, ...rest) => {
    const { buf, pos } = reader as Reading
    const decoded = action(reader, length, ...rest)
    if (buf instanceof Uint8Array && length !== undefined) {
      const said = bytesField(buf.subarray(pos, pos + length), IN_ACTION)
      keep(decoded, said && bytesField(said, SALT_OF_ACTION))
    }
    return decoded
  }) as typeof SyncActionValue.decode
}

function keep(part: object, salt: Uint8Array | null): void {
  if (salt && salt.length > 0 && salt.length <= LONGEST_SALT) salts.set(part, Uint8Array.from(salt))
}

/** The salt that came with a history, found by Baileys' event; null when none did. */
export const saltOfHistory = ({ pastParticipants }: { readonly pastParticipants?: object | null }): Uint8Array | null =>
  (pastParticipants && salts.get(pastParticipants)) ?? null

/** The salt in an action of the app state, `withdrawn` when the action withdraws it; null when the action is another one. */
export function saltOfAction(action: unknown): Uint8Array | 'withdrawn' | null {
  const { index, syncAction } = (action ?? {}) as { index?: unknown; syncAction?: { value?: object | null } }
  if (!Array.isArray(index) || index.length !== 1 || index[0] !== ACTION) return null
  return (syncAction?.value && salts.get(syncAction.value)) ?? 'withdrawn'
}
