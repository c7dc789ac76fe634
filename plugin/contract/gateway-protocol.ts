/**
 * All messages between the supervisor in the host's process and the gateway, its child process, over Node's IPC channel (`fork`,
 * advanced serialisation): one hello, one ready, then commands with one answer each, and events.
 */
import type { Backlog, ConnectionState, PairingState } from './connection.ts'
import type { LookupOutcome } from './contact.ts'
import type { MediaKind } from './content.ts'
import type { OutboundContent, Remark, SendClass, TransmitOutcome } from './delivery.ts'
import type { ErrorCode } from './errors/errors.ts'
import type { UnreachableReason } from './errors/error-details.ts'
import type { Group, GroupSummary } from './group.ts'
import type { AccountKey, Chat, GroupId, Person, Phone } from './ids.ts'
import type { FetchOutcome } from './media.ts'
import type { InboundMessage, MessageKey } from './message.ts'
import type { PasskeyOutcome } from './passkey.ts'
import type { ClientVersion, VersionsInHand, WebVersion } from './web-version.ts'

/** Increase it with every change of this file; the supervisor does not use a child that speaks another version. */
export const PROTOCOL_VERSION = 10

/** Exit codes of the gateway, unless a signal ends it; outside the range that Node itself uses. */
export const EXIT_CODES = {
  /** The parent requested a stop, or is gone. */
  stopped: 0,
  /** The hello named another protocol version. */
  protocolMismatch: 80,
  /** The hello named a network that is not on loopback. */
  networkRefused: 81,
  /** The state folder is a symbolic link, belongs to another user, or is open to others. */
  stateUnsafe: 82,
} as const

/** A network other than WhatsApp's own; accepted on loopback only (design.md §4.5). */
export type NetworkChoice = {
  /** `ws://127.0.0.1:<port>/ws/chat` */
  readonly url: string
  /** The root key of its Noise certificates: 32 bytes in hex. */
  readonly noiseRootKey: string
  /** `http://127.0.0.1:<port>/sw.js`: where the gateway looks up the version of this network's web client; null: nowhere. */
  readonly versionUrl: string | null
}

/**
 * How long a QR code is valid: the first one, and each later one. WhatsApp's own times: 60 s, then 20 s (whatsapp-protocol.md
 * §3). A pairing code is valid as long as all the QR codes of one connection together, 160 s at WhatsApp. No document states this
 * limit, but the server closes the connection then (whatsmeow, `PairPhone`; Baileys ends its socket there), and a phone accepts a
 * code for longer than that.
 */
export type QrTimes = { readonly firstMs: number; readonly nextMs: number }

/** The timeouts of an account's connection to WhatsApp. */
export type LineTimes = {
  /** The time between two pings; a silent connection is detected within two of them plus 5 s. */
  readonly keepAliveMs: number
  /** If the server has not acked a message for this long, the gateway replaces the connection. */
  readonly ackPatienceMs: number
  /** If WhatsApp does not say for this long on a new connection whether a backlog waits, the gateway assumes that none does. */
  readonly quietMs: number
  /** If nothing more of a backlog page arrives for this long, the page is complete and the gateway requests the next one. */
  readonly pageEndMs: number
  /** If a backlog page does not arrive for this long, the gateway requests it again; the second time it renews the connection. */
  readonly pagePatienceMs: number
  /** The minimum time between two renewals of the connection because of a missing page. */
  readonly renewalPauseMs: number
}

/**
 * A silent connection is detected within 39 s; the limit for acks is above every delay that was observed (reliability.md §3.3,
 * F24 and F25). WhatsApp Web waits 100 ms after a page (whatsapp-rust, offline_resume.rs).
 */
export const LINE_TIMES: LineTimes = {
  keepAliveMs: 17_000,
  ackPatienceMs: 300_000,
  quietMs: 10_000,
  pageEndMs: 100,
  pagePatienceMs: 30_000,
  renewalPauseMs: 3_600_000,
}

/** The first message of the parent. */
export type Hello = {
  readonly kind: 'hello'
  readonly protocol: number
  /** Contains `<org>/<account>.sqlite`; mode 0700. */
  readonly authFolder: string
  /** Contains files during their transfer, in one folder per account; emptied when the gateway starts; mode 0700. */
  readonly mediaFolder: string
  /** Null: WhatsApp itself. */
  readonly network: NetworkChoice | null
  readonly qrTimes: QrTimes
  readonly lineTimes: LineTimes
  readonly webVersion: VersionsInHand
  /** The folder for traces of the stanzas received and sent (trace.ts), mode 0700; null: nothing is traced. */
  readonly traceFolder: string | null
  /** Whether a message that was read is acked in addition to its receipt; sources disagree about that (whatsapp-today.md §8). */
  readonly messageAcks: boolean
  readonly logLevel: string
}

/** The first message of the child, sent once it accepts commands. */
export type Ready = { readonly kind: 'ready'; readonly protocol: number }

/** An entry of the journal. `seq` is its number: it starts at 1 and has no gaps within one account. */
export type JournalEntry = { readonly seq: number } & (
  | { readonly kind: 'message'; readonly message: InboundMessage }
  /** Both addresses of one person became known. */
  | { readonly kind: 'identity'; readonly person: Person }
  /** A recipient's receipt for one of our messages. */
  | { readonly kind: 'receipt'; readonly stanzaId: string; readonly receipt: 'delivered' | 'read'; readonly at: number }
  /** WhatsApp does not let this number of ours start new chats until `until` (ms UTC); null: it may start them again. */
  | { readonly kind: 'time_lock'; readonly phone: Phone; readonly until: number | null }
)

/** The commands, with the input and the output of each. Expected outcomes are values; only failures are errors. */
export type GatewayCommands = {
  /** Opens the account's file, creates it if it does not exist, and connects if it contains a login. Idempotent. */
  'account.open': { input: AccountKey; output: { state: ConnectionState } }
  /** Disconnects gracefully and closes the file. Never logs out. Idempotent. */
  'account.close': { input: AccountKey; output: null }
  /** One round trip to WhatsApp's server, at most 10 s. Errors: `not_paired`, `gateway_unreachable`. */
  'account.ping': { input: AccountKey; output: { phone: string } }
  /** Removes this device at WhatsApp if WhatsApp can be reached within 5 s, and destroys the account's file in any case. */
  'account.unlink': { input: AccountKey; output: { unlinked: boolean } }
  /**
   * Starts to show QR codes; `pairing` events with this session follow. Ends an earlier pairing first. Error:
   * `already_connected`.
   */
  'pairing.start': { input: AccountKey & { session: string }; output: null }
  /**
   * The same with a pairing code, which a person types on the phone with this number. One `pending` event contains the code, once
   * WhatsApp has accepted it. A wrong code on the phone changes nothing here. Error: `already_connected`.
   */
  'pairing.start_code': { input: AccountKey & { session: string; phone: Phone }; output: null }
  /** A person's answer to the passkey request of their account; checked before anything is sent. Never logged. */
  'pairing.passkey': { input: AccountKey & { session: string; assertion: string }; output: PasskeyOutcome }
  /** Confirms that the phone shows the same code as the pairing. `done`: whether there was a code to compare. */
  'pairing.passkey_confirm': { input: AccountKey & { session: string }; output: { done: boolean } }
  /** Ends the pairing if this session is still the current one. */
  'pairing.stop': { input: AccountKey & { session: string }; output: null }
  /** Returns the entries after a number, oldest first; empty if there are none. */
  'journal.pull': { input: AccountKey & { after: number; limit: number }; output: { entries: JournalEntry[] } }
  /** The host has committed everything up to and with this number. */
  'journal.confirm': { input: AccountKey & { through: number }; output: null }
  /**
   * Renders the bytes of a message: once per send, the same for all its transmissions. `file`: the path of the message's file,
   * which is encrypted and uploaded to WhatsApp's hosts now, and the name under which `media` events report the progress; null if
   * the message has none. `expiresInSeconds`: the disappearing timer of the chat, with which the message is sent; null: none.
   * Errors: `wrong_media` if the file cannot be converted to its kind, `gateway_unreachable` while the account is not connected
   * and if its file cannot be uploaded now.
   */
  'message.render': {
    input: AccountKey & { content: OutboundContent; chat: Chat; file: { path: string; name: string } | null }
    output: { bytes: Uint8Array; remark: Remark | null; expiresInSeconds: number | null }
  }
  /**
   * Encrypts and writes one message and waits for the server's answer. A message that WhatsApp refuses with 463, 400, 421 or 479
   * is sent a second time, once in all: to the same address if a token arrived, else to the person's other address, or in the
   * other mode of the group (whatsapp-today.md §2, §5). `class`: `cold` messages wait for no token. `forgetAt`: when the copy
   * that is kept for retry requests is deleted (ms UTC); null or missing: when nobody may request it any more.
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
   * Downloads the file of a message and keeps it until it is released. A file that was downloaded and not released is downloaded
   * again. Error: `gateway_unreachable` while the account is not connected.
   */
  'media.fetch': { input: AccountKey & { file: string; kind: MediaKind }; output: FetchOutcome }
  /**
   * Deletes everything that has disappeared from its chats by an instant (ms UTC), and overwrites what the account's file
   * contained of it and of entries that were handed over. `words`: something that was handed over, and is no longer in the file,
   * has disappeared as well. Idempotent. `nextAt`: when the next deletion is due; null: none is known.
   */
  'account.forget': { input: AccountKey & { at: number; words: boolean }; output: { nextAt: number | null } }
  /** Releases a file: the host has taken it over. */
  'media.release': { input: AccountKey & { file: string }; output: null }
  /**
   * Asks WhatsApp about one number, for at most 15 s; the caller limits how often. Error: `gateway_unreachable` while the account
   * is not connected.
   */
  'contact.lookup': { input: AccountKey & { number: Phone }; output: LookupOutcome }
  /**
   * Returns the groups that the account is in. Error: `gateway_unreachable` if nothing is known and WhatsApp cannot be asked now.
   */
  'groups.list': { input: AccountKey; output: { groups: GroupSummary[] } }
  /** Returns a group with its members. Errors: `not_found`, `gateway_unreachable`. */
  'groups.get': { input: AccountKey & { group: GroupId }; output: { group: Group } }
  /** Shows or clears the typing indicator in a chat. Nothing depends on whether it succeeds. */
  'chat.typing': { input: AccountKey & { chat: Chat; typing: boolean }; output: null }
  /**
   * Sends a read receipt to the sender of a message, under the key that the message had, if the account's privacy settings allow
   * it. Nothing depends on whether it succeeds.
   */
  'chat.read': {
    input: AccountKey & { chat: Chat; sender: Person; stanzaId: string; key?: MessageKey | null }
    output: null
  }
  /** Disconnects all accounts, closes their files and exits. */
  stop: { input: null; output: null }
}
/** The name of a command. */
export type CommandName = keyof GatewayCommands

/** A command sent to the child. */
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

/** An event of the child; it expects no answer. */
export type GatewayEvent = { readonly kind: 'event' } & AccountKey &
  (
    | { readonly event: 'connection'; readonly state: ConnectionState }
    /** Something arrived from WhatsApp on this connection, even if only the answer to a ping; sent at most once a second. ms UTC */
    | { readonly event: 'heard'; readonly at: number }
    /**
     * The backlog on this connection is complete, and all of it is in the journal, which had grown to this number. Sent once per
     * connection; not sent while the rest of a backlog does not arrive.
     */
    | { readonly event: 'caught_up'; readonly head: number }
    /**
     * How much of the backlog has arrived; null: nothing more is expected. Sent at each page, and at most twice a second within
     * one.
     */
    | { readonly event: 'backlog'; readonly backlog: Backlog | null }
    /**
     * `count` more stanzas of a kind that this version does not know have arrived; each was acked. `tag` is the kind, `malformed`
     * if it is not a plain word, `other` if there are too many kinds. Sent at most once a second.
     */
    | { readonly event: 'unknown_stanzas'; readonly tag: string; readonly count: number }
    | { readonly event: 'pairing'; readonly session: string; readonly state: PairingState }
    /**
     * Until when WhatsApp accepts clients of this version, as it told this account (ms UTC); null: WhatsApp has withdrawn that
     * date.
     */
    | { readonly event: 'client_expiration'; readonly version: WebVersion; readonly expiresAt: number | null }
    /** The journal has grown to this number: pull. */
    | { readonly event: 'journal'; readonly head: number }
    /** How much of a file has been downloaded or uploaded. `totalBytes` is null if the sender did not state it. */
    | {
        readonly event: 'media'
        readonly file: string
        readonly doneBytes: number
        readonly totalBytes: number | null
      }
  )

/** The version that all accounts of the gateway announce to WhatsApp from now on, and its state. */
export type VersionReport = { readonly kind: 'web_version' } & ClientVersion

/** Every message that the child sends. */
export type FromGateway = Ready | AnswerEnvelope | GatewayEvent | VersionReport
/** Every message that the parent sends. */
export type ToGateway = Hello | CommandEnvelope

/** The running gateway as the parent sees it; `channel.ts` passes it to the stages. */
export type Gateway = {
  /**
   * Sends one command and waits for its answer.
   * @throws ChannelError with the child's code; `gateway_unreachable` if the child is down, restarting, or died before it
   * answered.
   */
  call<Name extends CommandName>(
    name: Name,
    input: GatewayCommands[Name]['input'],
  ): Promise<GatewayCommands[Name]['output']>
}
