/**
 * Everything that passes between the supervisor in the host's process and the gateway, its child, over Node's own IPC
 * channel (`fork`, advanced serialisation): one hello, one ready, then commands with one answer each, and events.
 */
import type { Backlog, ConnectionState, PairingState } from './connection.ts'
import type { LookupOutcome } from './contact.ts'
import type { MediaKind } from './content.ts'
import type { OutboundContent, Remark, SendClass, TransmitOutcome } from './delivery.ts'
import type { ErrorCode } from './errors/errors.ts'
import type { UnreachableReason } from './errors/unreachable-reasons.ts'
import type { Group, GroupSummary } from './group.ts'
import type { AccountKey, Chat, GroupId, Person, Phone } from './ids.ts'
import type { FetchOutcome } from './media.ts'
import type { InboundMessage, MessageKey } from './message.ts'
import type { PasskeyOutcome } from './passkey.ts'
import type { ClientVersion, VersionsInHand, WebVersion } from './web-version.ts'

/** Raised with every change of this file; a child that speaks another version is not used. */
export const PROTOCOL_VERSION = 10

/** How the gateway ends when it does not end by a signal; outside the codes that Node uses itself. */
export const EXIT_CODES = {
  /** The parent asked it to stop, or went away. */
  stopped: 0,
  /** The hello named another protocol version. */
  protocolMismatch: 80,
  /** The hello named a network that is not on loopback. */
  networkRefused: 81,
  /** The state folder is a link, not ours, or open to others. */
  stateUnsafe: 82,
} as const

/** Another WhatsApp network than WhatsApp's own; accepted on loopback only (design.md §4.5). */
export type NetworkChoice = {
  /** `ws://127.0.0.1:<port>/ws/chat` */
  readonly url: string
  /** The root of its Noise certificates: 32 bytes in hex. */
  readonly noiseRootKey: string
  /** `http://127.0.0.1:<port>/sw.js`: where the version of its web client is looked for; null: nowhere. */
  readonly versionUrl: string | null
}

/**
 * How long a QR code lasts: the first one, and each after it. WhatsApp's own: 60 s, then 20 s (whatsapp-protocol.md §3). A
 * pairing code lasts as long as all the QR codes of its line together, 160 s at WhatsApp: no document names its end, the server
 * closes the line then (whatsmeow, `PairPhone`; Baileys ends its socket there), and a phone takes a code for longer than that.
 */
export type QrTimes = { readonly firstMs: number; readonly nextMs: number }

/** How patient an account is with its line. */
export type LineTimes = {
  /** Between two pings: silence is noticed within two of them and 5 s. */
  readonly keepAliveMs: number
  /** When a message has waited that long for the server's ack, its line is given up for another one. */
  readonly ackPatienceMs: number
  /** When WhatsApp has not said for that long on a new line whether anything waits, nothing does. */
  readonly quietMs: number
  /** When nothing more of a page of what waited has come for that long, it was all of it and the next one is asked for. */
  readonly pageEndMs: number
  /** When a page of what waited has not come for that long, it is asked for again; the second time the line is renewed. */
  readonly pagePatienceMs: number
  /** The least time between two lines that are renewed for a page that does not come. */
  readonly renewalPauseMs: number
}

/**
 * Silence is noticed within 39 s; an ack may be later than any that was seen (reliability.md §3.3, F24 and F25). After a page
 * WhatsApp Web waits 100 ms (whatsapp-rust, offline_resume.rs).
 */
export const LINE_TIMES: LineTimes = {
  keepAliveMs: 17_000,
  ackPatienceMs: 300_000,
  quietMs: 10_000,
  pageEndMs: 100,
  pagePatienceMs: 30_000,
  renewalPauseMs: 3_600_000,
}

/** The first thing the parent says. */
export type Hello = {
  readonly kind: 'hello'
  readonly protocol: number
  /** Holds `<org>/<account>.sqlite`; 0700. */
  readonly authFolder: string
  /** Holds files on their way, in a folder for each account; emptied when the gateway starts; 0700. */
  readonly mediaFolder: string
  /** Null: WhatsApp itself. */
  readonly network: NetworkChoice | null
  readonly qrTimes: QrTimes
  readonly lineTimes: LineTimes
  readonly webVersion: VersionsInHand
  /** Where it is written which stanzas came and went (trace.ts), 0700; null: nowhere. */
  readonly traceFolder: string | null
  /** Whether a message that was read is acknowledged as well as receipted, which sources disagree about (whatsapp-today.md §8). */
  readonly messageAcks: boolean
  readonly logLevel: string
}

/** The first thing the child says, once it can take commands. */
export type Ready = { readonly kind: 'ready'; readonly protocol: number }

/** What the journal holds, in the order of its numbers. `seq` starts at 1 and has no gaps within one account. */
export type JournalEntry = { readonly seq: number } & (
  | { readonly kind: 'message'; readonly message: InboundMessage }
  /** Both addresses of one person were learned. */
  | { readonly kind: 'identity'; readonly person: Person }
  /** A recipient's receipt for one of our messages. */
  | { readonly kind: 'receipt'; readonly stanzaId: string; readonly receipt: 'delivered' | 'read'; readonly at: number }
  /** Until `until` (ms UTC) WhatsApp lets this number of ours begin no new chats; null: it may again. */
  | { readonly kind: 'time_lock'; readonly phone: Phone; readonly until: number | null }
)

/** The commands: what each takes and what it answers. Expected outcomes are values; only failures are errors. */
export type GatewayCommands = {
  /** Opens the account's file, made when there is none, and connects when it holds a login. Idempotent. */
  'account.open': { input: AccountKey; output: { state: ConnectionState } }
  /** Disconnects gracefully and closes the file. Never logs out. Idempotent. */
  'account.close': { input: AccountKey; output: null }
  /** One round trip to WhatsApp's server, at most 10 s. Errors: `not_paired`, `gateway_unreachable`. */
  'account.ping': { input: AccountKey; output: { phone: string } }
  /** Removes this device at WhatsApp when it can be reached within 5 s, and in any case destroys the account's file. */
  'account.unlink': { input: AccountKey; output: { unlinked: boolean } }
  /** Begins to show QR codes; what follows are `pairing` events under this session. Ends an earlier one first. Error: `already_connected`. */
  'pairing.start': { input: AccountKey & { session: string }; output: null }
  /**
   * The same by a pairing code, to be typed on the phone of this number; one `pending` event brings it, once WhatsApp has taken
   * it. A wrong code on the phone changes nothing here. Error: `already_connected`.
   */
  'pairing.start_code': { input: AccountKey & { session: string; phone: Phone }; output: null }
  /** What a person answers to the passkey that their account wants; checked before anything goes out. Never logged. */
  'pairing.passkey': { input: AccountKey & { session: string; assertion: string }; output: PasskeyOutcome }
  /** The phone shows the code that the pairing shows. Done: whether one is compared now. */
  'pairing.passkey_confirm': { input: AccountKey & { session: string }; output: { done: boolean } }
  /** Ends the pairing if it is still this one. */
  'pairing.stop': { input: AccountKey & { session: string }; output: null }
  /** The entries after a number, oldest first; empty when there are none. */
  'journal.pull': { input: AccountKey & { after: number; limit: number }; output: { entries: JournalEntry[] } }
  /** The host has committed everything up to and with this number. */
  'journal.confirm': { input: AccountKey & { through: number }; output: null }
  /**
   * The bytes of what is to be said: made once for a send, the same for all its transmissions. `file`: where the file is
   * that it brings, which is encrypted and put on WhatsApp's hosts now, and under which name `media` events tell how far
   * that is; null when it brings none. `expiresInSeconds`: the timer of the chat with which it goes out; null: none. Errors:
   * `wrong_media` when the file cannot be made what it is to be, `gateway_unreachable` while the account is not connected and when
   * its file cannot be put there now.
   */
  'message.render': {
    input: AccountKey & { content: OutboundContent; chat: Chat; file: { path: string; name: string } | null }
    output: { bytes: Uint8Array; remark: Remark | null; expiresInSeconds: number | null }
  }
  /**
   * Encrypts and writes one message and waits for the server's answer. What is refused with 463, 400, 421 or 479 goes out a second
   * time, once in all: at the same address when a token came, else at the other address of the person, or in the other mode of
   * the group (whatsapp-today.md §2, §5). `class`: what is `cold` waits for no token. `forgetAt`: when what is kept of it for those
   * who ask for it again is to be forgotten (ms UTC); null or missing: it goes when nobody may ask any more.
   */
  'message.transmit': {
    input: AccountKey & {
      chat: Chat
      stanzaId: string
      bytes: Uint8Array
      class: SendClass
      forgetAt?: number | null
    }
    output: TransmitOutcome
  }
  /**
   * Fetches the file that a message brought, and keeps it until it is released. What was fetched before and not released is
   * fetched again. Error: `gateway_unreachable` while the account is not connected.
   */
  'media.fetch': { input: AccountKey & { file: string; kind: MediaKind }; output: FetchOutcome }
  /**
   * Forgets what has disappeared from its chats by an instant (ms UTC), and overwrites what the account's file held of that and of
   * what was handed over. `words`: something that was handed over, and is no more in the file, has disappeared as well. Idempotent.
   * `nextAt`: when there is more to be done; null: not by itself.
   */
  'account.forget': { input: AccountKey & { at: number; words: boolean }; output: { nextAt: number | null } }
  /** The host has taken a file over. */
  'media.release': { input: AccountKey & { file: string }; output: null }
  /**
   * Asks WhatsApp for one number, at most 15 s; the caller sees to it that it is not asked too often. Error:
   * `gateway_unreachable` while the account is not connected.
   */
  'contact.lookup': { input: AccountKey & { number: Phone }; output: LookupOutcome }
  /** The groups that the account is in. Error: `gateway_unreachable` when nothing is known and nobody can be asked now. */
  'groups.list': { input: AccountKey; output: { groups: GroupSummary[] } }
  /** Who is in a group. Errors: `not_found`, `gateway_unreachable`. */
  'groups.get': { input: AccountKey & { group: GroupId }; output: { group: Group } }
  /** Shows in a chat that somebody writes there, or does not any more. Done or not, nothing depends on it. */
  'chat.typing': { input: AccountKey & { chat: Chat; typing: boolean }; output: null }
  /** Tells the sender of a message that it was read, under the key that it came with, if the account's privacy allows it. The same holds. */
  'chat.read': {
    input: AccountKey & { chat: Chat; sender: Person; stanzaId: string; key?: MessageKey | null }
    output: null
  }
  /** Disconnects all accounts, closes their files and exits. */
  stop: { input: null; output: null }
}
/** The name of a command. */
export type CommandName = keyof GatewayCommands

/** A command on its way to the child. */
export type CommandEnvelope = {
  readonly kind: 'command'
  readonly id: number
  readonly name: CommandName
  readonly input: unknown
}

/** The one answer to a command. `message` is a sentence for a person. */
export type AnswerEnvelope = { readonly kind: 'answer'; readonly id: number } & (
  | { readonly ok: true; readonly output: unknown }
  | {
      readonly ok: false
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly reason?: UnreachableReason }
    }
)

/** What the child announces; nothing waits for an answer. */
export type GatewayEvent = { readonly kind: 'event' } & AccountKey &
  (
    | { readonly event: 'connection'; readonly state: ConnectionState }
    /** WhatsApp has said something on the line, be it the answer to a ping; told of once a second at most. ms UTC */
    | { readonly event: 'heard'; readonly at: number }
    /**
     * Nothing more that waited is awaited on this line, and what had come of it is in the journal, which had grown to this number.
     * Told once a line; not while the rest of a backlog does not come.
     */
    | { readonly event: 'caught_up'; readonly head: number }
    /** How far what waited has come; null: nothing more is awaited. Told of at each page, and twice a second at most within one. */
    | { readonly event: 'backlog'; readonly backlog: Backlog | null }
    /**
     * So many more stanzas came of a kind that this version does not know; each was acknowledged. `tag` is the kind, `malformed`
     * when it is no plain word, `other` when too many kinds came. Told of once a second at most.
     */
    | { readonly event: 'unknown_stanzas'; readonly tag: string; readonly count: number }
    | { readonly event: 'pairing'; readonly session: string; readonly state: PairingState }
    /** Until when WhatsApp takes clients of this version, as it tells this account (ms UTC); null: it has taken that back. */
    | { readonly event: 'client_expiration'; readonly version: WebVersion; readonly expiresAt: number | null }
    /** The journal has grown to this number: pull. */
    | { readonly event: 'journal'; readonly head: number }
    /** So much of a file has come, or has been put up. `totalBytes` is null when its sender did not say. */
    | {
        readonly event: 'media'
        readonly file: string
        readonly doneBytes: number
        readonly totalBytes: number | null
      }
  )

/** What all accounts of the gateway announce to WhatsApp from now on, and what became of it. */
export type VersionReport = { readonly kind: 'web_version' } & ClientVersion

/** What the child may say. */
export type FromGateway = Ready | AnswerEnvelope | GatewayEvent | VersionReport
/** What the parent may say. */
export type ToGateway = Hello | CommandEnvelope

/** The parent's view of the running gateway, as `channel.ts` wires it into the stages. */
export type Gateway = {
  /**
   * Sends one command and waits for its answer.
   * @throws ChannelError with the child's code; `gateway_unreachable` when the child is down, restarting, or died in the meantime.
   */
  call<Name extends CommandName>(
    name: Name,
    input: GatewayCommands[Name]['input'],
  ): Promise<GatewayCommands[Name]['output']>
}
