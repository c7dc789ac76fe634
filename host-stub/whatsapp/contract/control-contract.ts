import { z } from 'zod'
import type { BurstProgress, Moments } from '../world/bursts.ts'
import { behaviourChange } from '../world/behaviours.ts'
import {
  bundleFaults,
  certificateFaults,
  doors,
  fileAnswers,
  pairingFaults,
  passkeyFaults,
  placeholderAnswers,
} from '../world/faults.ts'
import type { Heard, LedgerPage, MessageRecord, ScreenLine } from '../world/ledger.ts'
import { albumRequest, fileRequest } from './file-contract.ts'
import { fileFaults } from '../media/file-faults.ts'
import type { PairingOutcome } from '../world/registration.ts'
import { remarks } from './remarks-contract.ts'
import { sealedRequest } from './sealed-contract.ts'

const name = z.string().min(1).max(64)
const addressedBy = z.enum(['lid', 'pn'])
/** A phone by its name, or a group by its id or subject. */
const target = z.union([z.strictObject({ phone: name }), z.strictObject({ group: z.string() })])
const times = z.int().min(1).default(1)
const waitMs = z.int().min(0).max(30_000).default(0)

/** Every call of the control API: its path below `/control/`, and the schema of its body. */
export const requests = {
  'phones/meet': z.strictObject({
    name,
    phone: z
      .string()
      .regex(/^\+\d{5,15}$/)
      .optional(),
    lid: z
      .string()
      .regex(/^\d{5,20}$/)
      .optional(),
    push_name: z.string().max(64).optional(),
  }),
  'phones/list': z.strictObject({}),
  'phones/scan': z.strictObject({ name, qr: z.string().max(100_000) }),
  'phones/enter_code': z.strictObject({ name, code: z.string().max(64) }),
  'phones/say': z.strictObject({
    name,
    to: target,
    text: z.string().optional(),
    /** A whole protobuf `Message`, base64, instead of a text. */
    content: z.base64().optional(),
    ...remarks,
    addressed_by: addressedBy.optional(),
    reveal_alternate: z.boolean().default(true),
    id: z.string().optional(),
    garbled: z.int().min(0).default(0),
    /** The devices get it without a ciphertext, for this reason; empty: without a reason. */
    unavailable: z.string().optional(),
    /** Sent to the broadcast list with this number, which contains the recipient. */
    broadcast_list: z
      .string()
      .regex(/^\d{1,20}$/)
      .optional(),
    /** Whether the message has its own secret, with which others can seal edits, reactions and comments. */
    with_secret: z.boolean().default(false),
  }),
  'phones/seal': z.strictObject({
    name,
    about: z.string(),
    addressed_by: addressedBy.optional(),
    ...sealedRequest,
  }),
  /** How long new messages in a chat are kept; 0: forever. */
  'phones/set_timer': z.strictObject({ name, to: target, seconds: z.int().min(0) }),
  'phones/send_file': z.strictObject({ to: target, ...fileRequest }),
  'phones/announce_album': z.strictObject({ to: target, ...albumRequest }),
  'phones/file': z.strictObject({ name, message: z.string() }),
  'phones/react': z.strictObject({
    name,
    to_message: z.string(),
    emoji: z.string(),
    addressed_by: addressedBy.optional(),
  }),
  'phones/call': z.strictObject({ name, to: name, video: z.boolean().default(false) }),
  'phones/read': z.strictObject({ name, message: z.string() }),
  'phones/screen': z.strictObject({ name, version: z.int().default(-1), wait_ms: waitMs }),
  'phones/online': z.strictObject({ name, online: z.boolean() }),
  'phones/remove_device': z.strictObject({ name, device: z.int().optional() }),
  'phones/forget_sessions': z.strictObject({ name }),
  'phones/reinstall': z.strictObject({ name }),
  /** The passkey of the account; the key as SPKI, DER, base64url. */
  'phones/own_passkey': z.strictObject({ name, credential_id: z.string(), public_key: z.string() }),
  'phones/host': z.strictObject({ name }),
  'phones/pry': z.strictObject({ name, message: z.string() }),
  'groups/create': z.strictObject({
    subject: z.string().min(1).max(100),
    members: z.array(name).min(1),
    addressing_mode: addressedBy.default('lid'),
    reveals_alternates: z.boolean().default(true),
  }),
  'groups/change': z.strictObject({
    group: z.string(),
    /** Who makes the change; the first member by default. */
    by: name.optional(),
    add: z.array(name).default([]),
    remove: z.array(name).default([]),
    promote: z.array(name).default([]),
    demote: z.array(name).default([]),
    subject: z.string().min(1).max(100).optional(),
    addressing_mode: addressedBy.optional(),
  }),
  'groups/list': z.strictObject({}),
  'ledger/read': z.strictObject({ after: z.int().default(-1), wait_ms: waitMs }),
  'ledger/heard': z.strictObject({ name, after: z.int().default(0), version: z.int().default(-1), wait_ms: waitMs }),
  'ledger/message': z.strictObject({ id: z.string() }),
  'ledger/file': z.strictObject({ path: z.string() }),
  'ledger/overheard': z.strictObject({ id: z.string() }),
  'bursts/load': z.strictObject({
    authors: z.array(name).min(1),
    to: target,
    count: z.int().min(1).max(100_000),
    /** Each text is this label and a number. */
    label: z.string().min(1).max(64),
  }),
  'bursts/release': z.strictObject({ burst: z.string(), per_second: z.number().positive().optional() }),
  'bursts/progress': z.strictObject({
    burst: z.string(),
    passage: z.enum(['delivered_at', 'settled_at', 'answered_at']),
    wait_ms: waitMs,
  }),
  'bursts/moments': z.strictObject({ burst: z.string() }),
  'behaviours/set': behaviourChange,
  'faults/certificate': z.strictObject({ fault: z.enum(certificateFaults).nullable() }),
  'faults/door': z.strictObject({ door: z.enum(doors) }),
  'faults/group_query': z.strictObject({ code: z.int().nullable() }),
  'faults/pairing': z.strictObject({ name, fault: z.enum(pairingFaults).nullable() }),
  'faults/passkey': z.strictObject({ name, fault: z.enum(passkeyFaults).nullable() }),
  'faults/end': z.strictObject({
    name,
    ending: z.discriminatedUnion('how', [
      z.strictObject({ how: z.enum(['drop', 'stream_end', 'replaced', 'silence']) }),
      z.strictObject({
        how: z.literal('stream_error'),
        code: z.union([z.int(), z.string()]).nullable(),
        children: z.array(z.strictObject({ tag: z.string(), type: z.string().optional() })).default([]),
      }),
    ]),
  }),
  'faults/login': z.strictObject({
    /** Null: clients that are not linked. */
    name: name.nullable(),
    reason: z.union([z.int(), z.string()]),
    expire_s: z.number().optional(),
    header: z.string().optional(),
    subtext: z.string().optional(),
    message: z.string().optional(),
    url: z.string().optional(),
    times,
  }),
  'faults/send': z.strictObject({
    name,
    ack: z.union([z.enum(['withhold', 'hold', 'drop']), z.int()]),
    deliver: z.boolean().default(false),
    times,
  }),
  'faults/release_acks': z.strictObject({ name }),
  'faults/answers': z.strictObject({
    name,
    /** The namespace of the query and the tag of its first child; for `usync` the protocols, joined by `+`. */
    asked: z.string(),
    /** What is sent in answer to each of the next such queries: base64, in which an id of `#` stands for the id of the query. */
    answers: z.array(z.array(z.union([z.literal('right'), z.base64()]))).max(1_000),
    /** The answers are sent only when they are released. */
    held: z.boolean(),
  }),
  'faults/release_answers': z.strictObject({ name }),
  'faults/withhold_offline': z.strictObject({ name, withheld: z.boolean() }),
  'faults/withhold_pages': z.strictObject({ name, pages: z.int().min(0) }),
  'faults/post': z.strictObject({
    name,
    tag: z.string().min(1).max(200),
    attributes: z.record(z.string(), z.string().nullable()).default({}),
  }),
  'faults/withhold_key_answers': z.strictObject({ name, withheld: z.boolean() }),
  'faults/spend_pre_keys': z.strictObject({ name, left: z.int().min(0) }),
  'faults/stuck_status': z.strictObject({ name, author: name }),
  'faults/bundle': z.strictObject({ name, device: z.int().min(0), fault: z.enum(bundleFaults).nullable() }),
  'faults/ask_again': z.strictObject({
    name,
    author: name,
    id: z.string(),
    group: z.string().optional(),
    /** Which of the phone's devices asks. */
    device: z.int().min(0).default(0),
    times,
  }),
  'faults/time_lock': z.strictObject({
    name,
    /** Null lifts the lock; `endless` does not announce an end. */
    ends: z.union([z.int().min(1), z.literal('endless')]).nullable(),
    announced: z.boolean(),
  }),
  'faults/redeliver': z.strictObject({ name, ids: z.array(z.string()).optional() }),
  'faults/file': z.strictObject({ path: z.string(), fault: z.enum(fileFaults).nullable() }),
  'faults/file_again': z.strictObject({ name, answer: z.enum(fileAnswers) }),
  'faults/write': z.strictObject({
    /** The phone whose linked devices get the frames; null: all clients that wait to be linked. */
    name: name.nullable(),
    /** The content of each frame before it is encrypted: base64. */
    frames: z.array(z.base64()).max(10_000),
  }),
  'faults/said': z.strictObject({}),
  'faults/placeholders': z.strictObject({ name, answer: z.enum(placeholderAnswers) }),
  'faults/clear': z.strictObject({}),
  'world/empty': z.strictObject({}),
  'shown/write': z.strictObject({ qr: z.string().max(100_000).nullable() }),
  'shown/read': z.strictObject({}),
}

export type Operation = keyof typeof requests
export type RequestOf<Name extends Operation> = z.input<(typeof requests)[Name]>
export type ParsedOf<Name extends Operation> = z.output<(typeof requests)[Name]>

export interface PhoneCard {
  name: string
  phone: string
  lid: string
  push_name: string
  online: boolean
  devices: number[]
}

export interface GroupCard {
  id: string
  subject: string
  addressing_mode: 'lid' | 'pn'
  members: string[]
}

/** The response of each call. */
export interface Responses {
  'phones/meet': PhoneCard
  'phones/list': { phones: PhoneCard[] }
  'phones/scan': PairingOutcome
  'phones/enter_code': PairingOutcome
  'phones/say': { id: string }
  'phones/seal': { id: string }
  'phones/set_timer': Record<string, never>
  'phones/send_file': { id: string; path: string; sha256: string; content: string }
  'phones/announce_album': { id: string }
  /** `head`: the first 64 KiB of the file, base64. */
  'phones/file': { sha256: string; size_bytes: number; head: string }
  'phones/react': { id: string }
  'phones/call': { id: string }
  'phones/read': Record<string, never>
  /** The newest lines. A request with the version waits for newer ones. */
  'phones/screen': { version: number; lines: ScreenLine[] }
  'phones/online': Record<string, never>
  'phones/remove_device': { removed: number }
  'phones/forget_sessions': Record<string, never>
  'phones/reinstall': Record<string, never>
  'phones/own_passkey': Record<string, never>
  'phones/host': Record<string, never>
  /** Null: the phone cannot read it. */
  'phones/pry': { text: string | null }
  'groups/create': GroupCard
  'groups/change': GroupCard
  'groups/list': { groups: GroupCard[] }
  'ledger/read': LedgerPage
  'ledger/heard': { version: number; heard: Heard[] }
  'ledger/message': MessageRecord
  'ledger/file': { asked: number }
  /** The ciphertext that all members get, base64, and the device that sent it. */
  'ledger/overheard': { ciphertext: string; lid: string; device: number }
  'bursts/load': { burst: string }
  'bursts/release': Record<string, never>
  'bursts/progress': BurstProgress
  'bursts/moments': { moments: Moments[] }
  'behaviours/set': Record<string, never>
  'faults/certificate': Record<string, never>
  'faults/door': Record<string, never>
  'faults/group_query': Record<string, never>
  'faults/pairing': Record<string, never>
  'faults/passkey': Record<string, never>
  'faults/end': { ended: number }
  'faults/login': Record<string, never>
  'faults/send': Record<string, never>
  'faults/release_acks': { released: number }
  'faults/answers': Record<string, never>
  'faults/release_answers': { released: number }
  'faults/withhold_offline': Record<string, never>
  'faults/withhold_pages': Record<string, never>
  'faults/post': { id: string }
  'faults/withhold_key_answers': Record<string, never>
  'faults/spend_pre_keys': Record<string, never>
  'faults/stuck_status': { id: string }
  'faults/bundle': Record<string, never>
  'faults/ask_again': Record<string, never>
  'faults/time_lock': { ends_at_s: number | null }
  'faults/redeliver': { redelivered: number }
  'faults/file': Record<string, never>
  'faults/file_again': Record<string, never>
  'faults/write': { written: number }
  'faults/said': { said: Record<string, number>; twice: Record<string, string[]> }
  'faults/placeholders': Record<string, never>
  'faults/clear': Record<string, never>
  'world/empty': Record<string, never>
  'shown/write': Record<string, never>
  'shown/read': { qr: string | null }
}

/** What a started network reports to its starter. */
export const networkState = z.strictObject({
  ready: z.literal(true),
  url: z.string(),
  noise_root_key: z.string(),
  /** The URL that returns the newest version of the web client. */
  version_url: z.string(),
  control: z.string(),
  control_token: z.string(),
  /** Null if the network supports no files. */
  media: z.strictObject({ host: z.string(), ca_file: z.string() }).nullable(),
})
export type NetworkState = z.infer<typeof networkState>
