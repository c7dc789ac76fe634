/// <reference types="node" preserve="true" />
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Readable } from 'node:stream'

import type { ReplyRequest } from './api/sends.ts'
import type { Artifact, ArtifactRoom, NewArtifact } from './artifact.ts'
import type { Audit } from './audit.ts'
import type { MediaKind, MessageContent } from './content.ts'
import type { Panel } from './panel.ts'
import type { Role } from './role.ts'
import type { Gate, GateDecision, ToolCall } from './policy.ts'
import type { Address, GroupId, OrgId } from './ids.ts'

/** The caller. The org comes from the token alone, never from a path or a body. */
export type Principal = {
  readonly org: OrgId
  /** `usr_…` */
  readonly user: string
  readonly role: Role
}

/** Writes structured log lines. The plugin never passes it message text, secrets or full phone numbers. */
export type Log = {
  trace(fields: LogFields, event: string): void
  debug(fields: LogFields, event: string): void
  info(fields: LogFields, event: string): void
  warn(fields: LogFields, event: string): void
  error(fields: LogFields, event: string): void
}
/** The fields of a log line: ids, counts, codes and states. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** The host's file store, separate for each org. */
export type Artifacts = {
  /**
   * Stores a file; it is durable when this resolves. The host compares the bytes that it reads with the given size and hash. If
   * the file of a source is already stored, it is not stored again: the existing artifact is returned.
   * @throws if the file cannot be stored, or does not match its size or hash; with the `code` `over_quota` if the org has reached
   * its storage limit.
   */
  put(org: OrgId, content: AsyncIterable<Uint8Array>, file: NewArtifact): Promise<Artifact>
  /** Returns the artifact with this id; null if the org has no such artifact. */
  find(org: OrgId, id: string): Promise<Artifact | null>
  /**
   * Deletes the file that was stored for a source, if any; bytes that other sources share stay. If the host has no such method,
   * the files of messages that disappeared from their chats stay stored.
   */
  forget?(org: OrgId, source: string): Promise<void>
  /** How many bytes an org stores and may store. If the host has no such method, there is no limit. */
  room?(org: OrgId): Promise<ArtifactRoom>
  /**
   * Checks whether files can be stored and read now. Called every half minute, and after a failure. If the host has no such
   * method, the plugin judges by whether its file operations succeed.
   * @throws with a `code` that says why not; the code is shown to people.
   */
  reach?(): Promise<void>
  /** Returns the file's bytes, or a range of them, as a stream to be read once; null if the org has no such artifact. */
  open(org: OrgId, id: string, range: ByteRange | null): Promise<Readable | null>
}

/** A range of bytes. Both `start` and `end` are included. */
export type ByteRange = { readonly start: number; readonly end: number }

/** A file that came with a message. */
export type TurnFile = {
  readonly kind: MediaKind
  /** Null if the file could not be fetched, or has not arrived yet. */
  readonly artifact: Artifact | null
  /** Why there is no artifact: an error code, or `late` if the file has not arrived yet; null if there is an artifact. */
  readonly problem: string | null
}

/** One of the messages that a turn answers. */
export type MessagePiece = {
  /** `msg_…`: replies use this id to answer the message or to react to it. */
  readonly id: string
  readonly text: string
  /** Ids of the artifacts that came with the message; files that could not be fetched are in `files` only. */
  readonly media: readonly string[]
  readonly files: readonly TurnFile[]
  readonly content: MessageContent
  /**
   * Whether the sender edited the message after its turn began, as far as this is known when an attempt begins. The turn is about
   * the earlier text. No binding or policy has judged the new text, and it is not included.
   */
  readonly edited: boolean
}

/**
 * A message as Agentcy hands it to agents (agentcy-host.md §2). A stranger wrote all of `text`. Several messages that one person
 * sends within the setting `gather_ms` of each other, and the parts of an album, are combined into one: `text` contains all their
 * texts and captions in order, one per line; `media` and `files` contain the files of all; `id` and `content` are those of the
 * first.
 */
export type ChannelMessage = {
  readonly channel: 'whatsapp'
  /** `msg_…`: replies use this id to answer the message or to react to it. */
  readonly id: string
  readonly from: Address
  readonly to: Address
  readonly text: string
  /** Ids of the artifacts that came with the message; files that could not be fetched are in `files` only. */
  readonly media: readonly string[]
  readonly files: readonly TurnFile[]
  /**
   * The content besides the text: a place, contact cards, a poll … A stranger wrote all of it. Content that was sealed with the
   * secret of another message is included decrypted; a message whose sealed content could not be decrypted starts no turn.
   */
  readonly content: MessageContent
  /** Every message that the turn answers, oldest first: one message, or all that were combined. */
  readonly pieces: readonly MessagePiece[]
  /** How many pictures and videos of an announced album had not arrived 20 s later; 0 if none is missing. */
  readonly missing: number
  /**
   * Identifies the conversation: the same for every message of one chat with one account or, if the binding separates
   * participants, of one participant in that chat. Contains no phone number.
   */
  readonly thread: string
}

/**
 * The message that another message quotes. If the quoted message is stored for that chat, all fields come from the stored
 * message, not from the quote. Otherwise `claimed` is true: the fields are only what the quoting person claims, and may be made
 * up.
 */
export type QuotedFact = {
  /** `msg_…` of the quoted message, sent by us or by somebody else; null if no such message is stored. */
  readonly messageId: string | null
  /** Who wrote the quoted message. If `claimed`: who is said to have written it; null if the quote names nobody. */
  readonly from: Address | null
  /**
   * As in {@link ChannelMessage.content}; `revoke` if the message was taken back, `forgotten` if it disappeared from its chat;
   * null if `claimed`.
   */
  readonly kind: string | null
  /**
   * The newest text or the caption. Content that is more than a text: its kind in brackets, then its words. Null if there is no
   * text.
   */
  readonly text: string | null
  /** Ids of the artifacts that came with the quoted message, and the state of each file. Empty if `claimed`. */
  readonly media: readonly string[]
  readonly files: readonly TurnFile[]
  readonly claimed: boolean
}

/** An earlier message of a conversation. What people wrote is as untrusted as the message itself. */
export type ConversationMessage = {
  /**
   * `agent`: this account sent it, as a reply or through `send`; `owner`: a person wrote it with the linked number, on the phone
   * or another device.
   */
  readonly who: 'person' | 'agent' | 'owner'
  /** The sender's address, as WhatsApp's server attested it; for `agent` and `owner` the linked number. */
  readonly from: Address
  /** The name that the sender chose; null if the message carried none, and for `agent`. */
  readonly senderName: string | null
  /** At most the first 4,000 characters. Content that is more than a text: its kind in brackets, then its caption or its names. */
  readonly text: string
  /** Whether the sender marks the message as forwarded; the words are then a third party's. */
  readonly forwarded: boolean
  /** ms UTC */
  readonly at: number
  /** `msg_…` */
  readonly messageId: string
}

/**
 * The outcome of a step. `done`: the step was executed, now or in an earlier attempt of this turn, and this is its result.
 * `refused`: the gate did not allow it.
 */
export type StepOutcome =
  | { readonly outcome: 'done'; readonly result: unknown }
  | { readonly outcome: 'refused'; readonly decision: Exclude<GateDecision, { decision: 'allow' }> }

/** What an agent has to answer: a message that a binding matched, or several messages of one sender that were combined. */
export type Turn = {
  /** `trn_<ulid>` */
  readonly id: string
  /** `req_<ulid>`: the `context.request_id` of every decision of this turn. */
  readonly requestId: string
  readonly org: OrgId
  readonly agent: string
  readonly message: ChannelMessage
  /**
   * The earlier messages of this conversation, oldest first: from people and to them. Contains as many of the last ones as the
   * setting `context_messages` allows, at most 100,000 characters in all. Edited messages have their newest text; messages that
   * were taken back are left out. Every attempt at a turn gets the same list.
   */
  readonly conversation: readonly ConversationMessage[]
  readonly facts: {
    readonly isGroup: boolean
    readonly group: GroupId | null
    /**
     * Whether one of the messages mentions the linked number, by LID or phone number. A mention activates an agent; it never
     * authorises anything.
     */
    readonly mentioned: boolean
    /** Whether everybody in the group was mentioned; a setting decides whether this counts as a mention of the number. */
    readonly mentionsAll: boolean
    /**
     * What the sender claims about the message, or about one of several: that it is forwarded, and roughly how often it was
     * before. The words are then not the sender's but those of a third party unknown here. `false` proves nothing.
     */
    readonly claimed: { readonly forwarded: boolean; readonly forwardingScore: number }
    readonly senderName: string | null
    /** The quoted message; of several messages, that of the first one that quotes something. */
    readonly quoted: QuotedFact | null
  }
  /** Await this before each tool call, and call the tool only on `allow`. */
  readonly gate: Gate
  /**
   * 1 for the first attempt. After a killed or failed attempt another one follows; it finds the steps that are already recorded.
   */
  readonly attempt: number
  /**
   * Asks the gate and executes one tool call, at most once per turn: the n-th step of an attempt is the n-th step of the turn. A
   * recorded result is returned without executing the call again. A step of unknown outcome (its process died while it ran) is
   * executed again only if the call is marked idempotent; otherwise this promise never resolves and the turn is parked as
   * `needs_operator`. `result` must survive JSON.
   */
  step(call: ToolCall, execute: () => Promise<unknown>): Promise<StepOutcome>
  /** Aborted when the turn's deadline has passed or the channel stops. */
  readonly signal: AbortSignal
}

/** The agents of the host. */
export type Agents = {
  /** Whether an agent with this name serves the org. */
  exists(org: OrgId, name: string): Promise<boolean>
  /**
   * The names of the agents that serve the org, for people to choose from; {@link exists} decides. At most 500 names of at most
   * 64 characters are shown. Null, a missing method, a throw, or an answer after more than two seconds all mean that the host
   * does not list its agents.
   */
  list?(org: OrgId): Promise<readonly string[] | null>
  /**
   * Runs the host's agent loop for one turn and yields the replies, in the order in which they are sent to the chat of the turn:
   * a string of Markdown, or anything that send accepts. A long text becomes several messages. A throw is a failure of the agent:
   * its text is logged as a code and never reaches the chat.
   */
  run(turn: Turn): AsyncIterable<string | ReplyRequest>
}

/** Everything that the plugin needs from the host that activates it. */
export type Host = {
  readonly log: Log
  /** A folder for this plugin alone, mode 0700, created by the host. */
  readonly dataFolder: string
  /**
   * The environment of the host's process. The plugin reads `OPENFANG_HOME`, `HOME`, `WHATSAPP_*`, `DATABASE_URL`,
   * `NODE_EXTRA_CA_CERTS`, `AGENTCY_FEATURES_POLICIES`, `OPA_PATH` and `PATH` from it.
   */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads the plugin's settings, at each call again, as the operator wrote them; `{}` if there are none. */
  settings(): Promise<unknown>
  /**
   * Returns who holds this token now; null if nobody does (unknown, revoked). Called for every request and, for sockets, every 2
   * s.
   */
  authenticate(token: string): Promise<Principal | null>
  readonly agents: Agents
  readonly artifacts: Artifacts
  /** Pages of the host that the channel's page shows as views. */
  readonly panels: readonly Panel[]
  /** The plugin reports every decision and action here before it takes effect. Entries are never taken back. */
  readonly audit: Audit
}

/** An API call that one of the host's own routes handles. */
export type HostCall = {
  /** The name of the action in policies: `artifact.create`, `artifact.get`, `audit.list`. */
  readonly action: `${'artifact' | 'audit'}.${string}`
  /** Whether the call changes something; it is then written to the audit log first. */
  readonly changes: boolean
  readonly requestId: string
}

/** Whether a call may proceed; if not, the error code of the refusal. */
export type HostVerdict = 'admitted' | 'policy_denied' | 'stopping'

/** The routes of an active plugin. The host mounts them in its own server, after its own checks of `Host` and `Origin`. */
export type Routes = {
  /** Answers the request and returns true; returns false if the path is not the plugin's. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Takes over a WebSocket and returns true; returns false if the path is not the plugin's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /**
   * Whether the policies of the caller's org allow a call that the host handles itself. Call it when the caller and their role
   * are known, and before any of the request is read: so policies judge every call, no matter who handles it. Denied calls are
   * written to the audit log, and so are calls that change something. `stopping`: the plugin is not active and admits nothing. A
   * plugin without policies does not have this method: roles decide then.
   */
  admit?(caller: Principal, call: HostCall): Promise<HostVerdict>
}
