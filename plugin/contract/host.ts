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

/** Who is calling. The org comes from the token alone, never from a path or a body. */
export type Principal = {
  readonly org: OrgId
  /** `usr_…` */
  readonly user: string
  readonly role: Role
}

/** Structured lines. No message text, secret or full phone number is ever handed to it. */
export type Log = {
  trace(fields: LogFields, event: string): void
  debug(fields: LogFields, event: string): void
  info(fields: LogFields, event: string): void
  warn(fields: LogFields, event: string): void
  error(fields: LogFields, event: string): void
}
/** The fields of a log line: ids, counts, codes and states. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** The files that the host keeps for its orgs. */
export type Artifacts = {
  /**
   * Keeps a file; it is durable when this resolves. What is read is compared with the size and the hash that it is to have.
   * A source that was kept before is not kept again: its artifact is the answer.
   * @throws when it cannot be kept, or is another file; with the `code` `over_quota` when the org keeps as much as it may.
   */
  put(org: OrgId, content: AsyncIterable<Uint8Array>, file: NewArtifact): Promise<Artifact>
  /** What is kept under an id; null when the org has no such artifact. */
  find(org: OrgId, id: string): Promise<Artifact | null>
  /**
   * Forgets what was kept of a source, if anything was; bytes that are kept of other sources as well stay for those. A host without
   * this keeps the files of messages that have disappeared from their chats.
   */
  forget?(org: OrgId, source: string): Promise<void>
  /** How much an org keeps and may keep. A host without this bounds nobody. */
  room?(org: OrgId): Promise<ArtifactRoom>
  /**
   * Whether files can be kept and read now: asked every half minute, and after something failed. A host without this is judged by
   * what becomes of files.
   * @throws with a `code` that says why not, which is shown to people.
   */
  reach?(): Promise<void>
  /** Its bytes, or a range of them, to be read once; null when the org has no such artifact. */
  open(org: OrgId, id: string, range: ByteRange | null): Promise<Readable | null>
}

/** From the first to the last byte of a range, both of them in it. */
export type ByteRange = { readonly start: number; readonly end: number }

/** A file that came with a message. */
export type TurnFile = {
  readonly kind: MediaKind
  /** Null when it could not be fetched. */
  readonly artifact: Artifact | null
  /** Why there is no artifact: a code, `late` when it is still on its way; null when there is one. */
  readonly problem: string | null
}

/** One of the messages that a turn is about, by itself. */
export type MessagePiece = {
  /** `msg_…`: by this a reply answers it or reacts to it. */
  readonly id: string
  readonly text: string
  /** Ids of the artifacts that came with it; what could not be fetched is in `files` only. */
  readonly media: readonly string[]
  readonly files: readonly TurnFile[]
  readonly content: MessageContent
  /**
   * Whether its sender edited it once its turn had begun, as far as that is known when an attempt begins. The turn is about what it said
   * before; what it says now was judged by nothing, and is not here.
   */
  readonly edited: boolean
}

/**
 * A message as Agentcy hands it to agents (agentcy-host.md §2). All of `text` is what a stranger wrote. What somebody says in
 * several messages within the setting `gather_ms` of each other, and an album, is handed over as one: `text` has the texts and
 * captions of all of them in their order, a line each, `media` and `files` are those of all; `id` and `content` are the first one's.
 */
export type ChannelMessage = {
  readonly channel: 'whatsapp'
  /** `msg_…`: by this a reply answers it or reacts to it. */
  readonly id: string
  readonly from: Address
  readonly to: Address
  readonly text: string
  /** Ids of the artifacts that came with it; what could not be fetched is in `files` only. */
  readonly media: readonly string[]
  readonly files: readonly TurnFile[]
  /**
   * What it is, beside its text: a place, contact cards, a poll … All of it is what a stranger wrote. Words that were sealed
   * with the secret of another message are what they say; those that could not be opened start no turn.
   */
  readonly content: MessageContent
  /** Each message that the turn is about, oldest first: one, unless somebody said it in several. */
  readonly pieces: readonly MessagePiece[]
  /** How many pictures and videos were announced with an album and had not come 20 s later; 0 when none is missing. */
  readonly missing: number
  /**
   * Names the conversation: the same for every message of one chat with one account or, where its binding keeps
   * participants apart, of one participant there. No phone number is in it.
   */
  readonly thread: string
}

/**
 * What a message quotes. Of a message of that chat which is kept everything is as it is kept, whatever the quote says of it;
 * all else is `claimed`: only the word of the one who quotes, who may have made it up.
 */
export type QuotedFact = {
  /** `msg_…` of the message that is quoted, ours as well as other people's; null when none such is kept. */
  readonly messageId: string | null
  /** Who wrote it. Of what is claimed: who is said to have; null when nobody is named. */
  readonly from: Address | null
  /**
   * As in {@link ChannelMessage.content}, `revoke` when it was taken back, `forgotten` when it has disappeared from its chat; null for
   * what is claimed.
   */
  readonly kind: string | null
  /** Its newest text or its caption; of what is more than that its kind in brackets and its words. Null when there are none. */
  readonly text: string | null
  /** Ids of the artifacts that came with it, and of each file what became of it. None for what is claimed. */
  readonly media: readonly string[]
  readonly files: readonly TurnFile[]
  readonly claimed: boolean
}

/** Something that was said earlier in a conversation. What people said is as little to be trusted as the message itself. */
export type Utterance = {
  /**
   * `agent`: this account said it there, as a reply or by `send`; `owner`: a person wrote it with the linked number, on the
   * phone or another device.
   */
  readonly who: 'person' | 'agent' | 'owner'
  /** From whose address it came, as WhatsApp's server attested it; for `agent` and `owner` the linked number. */
  readonly from: Address
  /** The name that they gave themselves; null when none came along, and for `agent`. */
  readonly senderName: string | null
  /** At most 4,000 characters of it; of what is more than a text its kind in brackets, and then its caption or its names. */
  readonly text: string
  /** Whether the sender says that they forward it: then these are a third party's words. */
  readonly forwarded: boolean
  /** ms UTC */
  readonly at: number
  /** `msg_…` */
  readonly messageId: string
}

/**
 * How a step came out. `done`: it was executed, now or in an earlier attempt of this turn, and this is its result.
 * `refused`: the gate did not let it pass.
 */
export type StepOutcome =
  | { readonly outcome: 'done'; readonly result: unknown }
  | { readonly outcome: 'refused'; readonly decision: Exclude<GateDecision, { decision: 'allow' }> }

/** What an agent is asked to answer: a message that a binding took, or several that their sender wrote as one. */
export type Turn = {
  /** `trn_<ulid>` */
  readonly id: string
  /** `req_<ulid>`: the `context.request_id` of every decision of this turn. */
  readonly requestId: string
  readonly org: OrgId
  readonly agent: string
  readonly message: ChannelMessage
  /**
   * What was said in this conversation before the turn's message, oldest first: what people wrote, and what was said to
   * them. As many of the last ones as the setting `context_messages` says, at most 100,000 characters in all. What was
   * edited has its newest text, what was taken back is not there. Every attempt at a turn is handed the same.
   */
  readonly conversation: readonly Utterance[]
  readonly facts: {
    readonly isGroup: boolean
    readonly group: GroupId | null
    /** Whether the linked number was mentioned in one of its messages, by LID or phone. Mention is activation, never authorisation. */
    readonly mentioned: boolean
    /** Whether all who are in the group were mentioned; that is a mention of the number only by a setting. */
    readonly mentionsAll: boolean
    /**
     * What the sender says of the message, or of one of several: that they forward it, and about how often it was before. Then its words are not
     * theirs, but somebody's whom nobody here knows. That they do not say so proves nothing.
     */
    readonly claimed: { readonly forwarded: boolean; readonly forwardingScore: number }
    readonly senderName: string | null
    /** What it quotes; of several, what the first of them quotes that quotes something. */
    readonly quoted: QuotedFact | null
  }
  /** To be awaited before each tool call; anything but `allow` means that the tool is not called. */
  readonly gate: Gate
  /** 1 for the first attempt. A killed or failed attempt is followed by another, which finds the steps already recorded. */
  readonly attempt: number
  /**
   * Asks the gate and executes one tool call, at most once per turn: the n-th step of an attempt is the n-th step of the
   * turn. A result that was recorded is returned without executing again. A step of unknown outcome (its process died in
   * the middle) is executed again only when the call says that it is idempotent; otherwise this never resolves and the
   * turn is parked as `needs_operator`. `result` must survive JSON.
   */
  step(call: ToolCall, execute: () => Promise<unknown>): Promise<StepOutcome>
  /** Aborted when the turn's deadline has passed or the channel stops. */
  readonly signal: AbortSignal
}

/** The agents of the host. */
export type Agents = {
  /** Whether an agent of that name serves this org. */
  exists(org: OrgId, name: string): Promise<boolean>
  /**
   * The names of the agents that serve this org, for people to choose from; what decides is {@link exists}. At most 500 of at most 64
   * characters are shown. Null, or a host without this: it does not say. So does one that throws, or takes longer than two seconds.
   */
  list?(org: OrgId): Promise<readonly string[] | null>
  /**
   * Runs the host's agent loop for one turn and yields the replies to be sent, in order: Markdown as a string, or anything
   * that send takes, for the chat of the turn. A long text becomes several messages. A throw is the agent's failure:
   * its text is logged as a code and never reaches the chat.
   */
  run(turn: Turn): AsyncIterable<string | ReplyRequest>
}

/** All that the plugin asks of the host that activates it. */
export type Host = {
  readonly log: Log
  /** A folder for this plugin alone, 0700, which the host has made. */
  readonly dataFolder: string
  /** The environment the host was started with; the plugin reads `OPENFANG_HOME`, `HOME`, `WHATSAPP_*`, `DATABASE_URL`, `NODE_EXTRA_CA_CERTS`, `AGENTCY_FEATURES_POLICIES`, `OPA_PATH` and `PATH` from it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The plugin's settings as the operator wrote them, read again at each call; `{}` when there are none. */
  settings(): Promise<unknown>
  /** Who holds this token now; null when nobody does (unknown, revoked). Asked for every request and, for sockets, every 2 s. */
  authenticate(token: string): Promise<Principal | null>
  readonly agents: Agents
  readonly artifacts: Artifacts
  /** Pages of its own that the channel's page shows as views. */
  readonly panels: readonly Panel[]
  /** Where it is told what was decided and done, before that has any effect. Nothing that was told is ever taken back. */
  readonly audit: Audit
}

/** A call that one of the host's own routes answers. */
export type HostCall = {
  /** What policies call it: `artifact.create`, `artifact.get`, `audit.list`. */
  readonly action: `${'artifact' | 'audit'}.${string}`
  /** Whether it changes something: then it is told to the audit log before it does. */
  readonly changes: boolean
  readonly requestId: string
}

/** Whether a call may go on; what it may not go on for is the code of its refusal. */
export type HostVerdict = 'admitted' | 'policy_denied' | 'stopping'

/** What an active plugin serves, mounted by the host in its own server, after its own checks of `Host` and `Origin`. */
export type Routes = {
  /** Answers the request and says so; false when the path is not the plugin's. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Takes over a WebSocket and says so; false when the path is not the plugin's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /**
   * Whether the policies of the caller's org let them make a call that the host answers itself. To be asked once who calls and their
   * role are known, and before anything of the call is read: so policies judge every call, no matter who answers it. What is denied is
   * told to the audit log, and so is what changes something. `stopping`: the plugin is not active, and nothing is admitted. A plugin
   * without policies has none: roles decide then.
   */
  admit?(caller: Principal, call: HostCall): Promise<HostVerdict>
}
