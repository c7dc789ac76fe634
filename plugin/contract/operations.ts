import type { WireSender } from './api/senders.ts'
import type { WireAgentList } from './api/agents.ts'
import type { WireGroup, WireGroupSummary } from './api/groups.ts'
import type { SendRequest } from './api/sends.ts'
import type {
  BindingCreateRequest,
  BindingExplainRequest,
  BindingUpdate,
  CreatedBinding,
  Replayed,
  WireBinding,
  WireExplanation,
} from './api/bindings.ts'
import type { PolicyTestInput, WirePolicy, WirePolicyList, WirePolicyTrial } from './api/policies.ts'
import type { WireMessage } from './api/messages.ts'
import type { ConfigureRequest, WireChannel } from './api/channels.ts'
import type { WireCourse } from './api/message-trace.ts'
import type { Approval, ApprovalDecision, ApprovalPage } from './approval.ts'
import type { ConnectionState, PairingState } from './connection.ts'
import type { CheckedContacts } from './contact.ts'
import type { AcceptedSend, DeliveryChange, ListedSend, SendPage, ShownSend } from './delivery.ts'
import type { Held } from './held.ts'
import type { AccountKey, AccountName, GroupId, OrgId, Phone } from './ids.ts'
import type { SuspectedLoop } from './loop.ts'
import type { TransferProgress } from './media.ts'
import type { PasskeyOutcome } from './passkey.ts'
import type { Problem } from './problem.ts'
import type { Role } from './role.ts'
import type { PolicyQuestion, PolicyVerdict } from './policy.ts'
import type { Takeover } from './takeover.ts'
import type { ListedTurn, StepDecision, TurnPage } from './turn.ts'

/** A stored message with its number in the org's stream of events: gapless, from 1. */
export type NumberedMessage = { readonly seq: number; readonly message: WireMessage }

/** Where the pairing of an account stands. */
export type AccountPairing = { readonly account: AccountName; readonly state: PairingState }

/** A pairing that has begun, with the first that it came to; one that came to nothing is an error instead. */
export type BegunPairing = { readonly session: string; readonly state: Exclude<PairingState, { status: 'expired' }> }

/** Which messages are asked for: newest first, those before one when it is named, of all accounts unless one is named. */
export type MessagePage = {
  readonly account: AccountName | null
  readonly limit: number
  readonly before: string | null
}

/** Messages of a page; `more`: others are before them, also where these are fewer than were asked for. */
export type ListedMessages = { readonly messages: readonly WireMessage[]; readonly more: boolean }

/** A step of a send with its number among those of the org: gapless, from 1. */
export type NumberedChange = { readonly seq: number; readonly change: DeliveryChange }

/**
 * What can be asked of the channel, whoever asks: the one side of the border whose other side is tRPC, REST and the
 * page. The org is the caller's own, from the token; an account that is not configured is `channel_not_configured`. Every
 * refusal is a `ChannelError`; an id of another org is unknown here. Streams end when `signal` is aborted and never throw
 * because of it.
 */
export type Operations = {
  /**
   * Stores the fields and activates the channel: extracts and starts the gateway, opens the account. Returns before WhatsApp
   * is connected. Idempotent. Errors: `bad_request` for a name that only its case tells from another of the org, `too_many_kept`.
   */
  configure(key: AccountKey, request: ConfigureRequest): Promise<void>
  /** Unlinks at WhatsApp when reachable, destroys the keys, keeps the bindings. Errors: `channel_not_configured`. */
  unpair(key: AccountKey): Promise<{ unlinked: boolean }>
  /**
   * Validates the settings, and puts those of the org into force; its accounts are disconnected gracefully and connected again, other
   * orgs' are not. Pairing, subscribers and bindings stay. The owner of `org_local` also puts into force what is of no org, which
   * connects all again when it takes another gateway. Errors: `bad_settings`, and then nothing has changed; `reloaded_lately`. The
   * org's policies are read again as well: those that do not compile leave the ones before in force, which {@link confirmPolicies} tells.
   */
  reload(org: OrgId, role: Role): Promise<void>
  /** Error: `policy_refused` when what the org's folder holds is not what is in force. */
  confirmPolicies(org: OrgId): Promise<void>
  /** A round trip to WhatsApp. Errors: `channel_not_configured`, `not_paired`, `gateway_unreachable`, `account_stopped`. */
  test(key: AccountKey): Promise<{ phone: Phone }>
  /** The catalog: one entry, configured or not, with all accounts of the org. */
  channels(org: OrgId): Promise<WireChannel[]>

  /**
   * Begins a pairing and waits for its first code, at most 20 s, or for the passkey that is wanted before it. An earlier pairing of
   * the account ends as expired. Errors: `channel_not_configured`, `already_connected`, `gateway_unreachable`, `pairing_refused`,
   * `client_outdated`, `account_stopped`.
   */
  startPairing(key: AccountKey): Promise<BegunPairing>
  /** The same by a code, which is typed on the phone of this number. */
  startCodePairing(key: AccountKey, phone: Phone): Promise<BegunPairing>
  /** What a person answers to the passkey that the account of a pairing wants. Errors: `not_found`, `gateway_unreachable`. */
  answerPasskey(org: OrgId, session: string, assertion: string): Promise<PasskeyOutcome>
  /** The phone shows the code that the pairing shows; false when none is compared. Errors: `not_found`, `gateway_unreachable`. */
  confirmPasskey(org: OrgId, session: string): Promise<boolean>
  /** Where a pairing stands now. Error: `not_found`, also for a session of another org. */
  pairing(org: OrgId, session: string): AccountPairing
  /** The state of a pairing now and at each change, ending after a final one. Error: `not_found`. */
  watchPairing(org: OrgId, session: string, signal: AbortSignal): AsyncIterable<AccountPairing>
  /** The state of an account's link now and at each change; skips to the newest when the reader is slow. */
  watchConnection(key: AccountKey, signal: AbortSignal): AsyncIterable<ConnectionState>
  /**
   * Somebody who may pair has been shown that this number is linked to the account: from now on bindings act there, and what
   * waited as `link_unconfirmed` is looked at again. No effect when another number is linked by now, or none. (Whoever scans
   * our QR first links *their* phone: reliability.md F60.)
   */
  confirmLink(key: AccountKey, phone: Phone): Promise<void>

  /** Which agents could answer, as far as the host says so. Never throws. */
  listAgents(org: OrgId): Promise<WireAgentList>
  listBindings(org: OrgId): Promise<WireBinding[]>
  /**
   * Errors: `unknown_agent`, `too_many_kept`; `bad_request` for a `text_regex` that RE2 cannot run, `patterns_not_searched` when that
   * cannot be seen now.
   */
  createBinding(org: OrgId, request: BindingCreateRequest): Promise<CreatedBinding>
  /** Error: `not_found`. */
  binding(org: OrgId, id: string): Promise<WireBinding>
  /** Errors: `not_found`, `unknown_agent`, `bad_request` as above; `binding_changed` when another version was meant. */
  updateBinding(org: OrgId, id: string, update: BindingUpdate): Promise<CreatedBinding>
  /** Asks them in this order from now on. Error: `binding_changed` when these are not all of them. */
  reorderBindings(org: OrgId, order: readonly string[]): Promise<CreatedBinding[]>
  /** Who would answer a message by the bindings as they are now, and why; nothing is done. Errors: `not_found`, `patterns_not_searched`. */
  explainBindings(org: OrgId, request: BindingExplainRequest): Promise<WireExplanation>
  /** Why a message that came in was answered or not, when that was decided. Errors: `not_found`, `patterns_not_searched`. */
  traceMessage(org: OrgId, id: string): Promise<WireExplanation>
  /** Asks the bindings again about a message that nobody answered. Errors: `not_found`, `message_not_unmatched`, `patterns_not_searched`. */
  replayMessage(org: OrgId, id: string): Promise<Replayed>
  /** Error: `not_found`. */
  deleteBinding(org: OrgId, id: string): Promise<void>

  /**
   * Accepts something to say; it is durable when this returns, and a file that it names is kept by the host. A long text
   * becomes several deliveries, in order. The same key and request return the same ones.
   * Errors: `channel_not_configured`, `not_paired`, `idempotency_key_reused`, `not_found` for an unknown message or artifact,
   * `not_our_message`, `wrong_media`, `media_too_large`, `url_not_fetched`, `cold_contact_off` for somebody who never wrote
   * when the settings forbid that.
   */
  send(key: AccountKey, request: SendRequest, idempotencyKey: string | null): Promise<AcceptedSend>
  /** Error: `not_found`. */
  delivery(org: OrgId, id: string): Promise<ShownSend>
  /** Newest first, each as {@link delivery} answers it. Error: `not_found` for an unknown `before`. */
  listSends(org: OrgId, page: SendPage): Promise<ListedSend[]>
  /** Takes back what was not transmitted yet; again does no harm. Errors: `not_found`, `already_sent`. */
  cancelSend(org: OrgId, id: string): Promise<void>
  /**
   * Every step of every send, each once, in order: those after `after` from the store, then live ones. `after` null: only
   * from now on. Steps are kept for 30 days: whoever was away for longer gets those that are left, and sees by their
   * numbers, which follow on each other, that others came before.
   */
  watchSends(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedChange>

  /** How far the files have come that come or go now; skips to the newest when the reader is slow. */
  watchTransfers(org: OrgId, signal: AbortSignal): AsyncIterable<TransferProgress>

  /** Newest first. Error: `not_found` for an unknown `before`. */
  listTurns(org: OrgId, page: TurnPage): Promise<ListedTurn[]>
  /** A turn each time that its status has changed, from now on; of each turn it skips to the newest when the reader is slow. */
  watchTurns(org: OrgId, signal: AbortSignal): AsyncIterable<ListedTurn>
  /**
   * Lets a turn that waits for a person go on behind its recorded steps, with what that person decided about the step it
   * waits at. Errors: `not_found`, `turn_not_waiting`.
   */
  retryTurn(org: OrgId, id: string, decision: StepDecision): Promise<ListedTurn>
  /** Ends a turn that is open; what it has said stays said. Errors: `not_found`, `turn_over`. */
  cancelTurn(org: OrgId, id: string): Promise<ListedTurn>

  /** The chats that persons have taken over from their agents, the newest first. */
  listTakeovers(org: OrgId): Promise<readonly Takeover[]>
  /**
   * Takes a chat over from its agent, named by an address, until an instant (ms UTC) or until a person hands it back. What the
   * agent has not said yet is not said. Errors: `channel_not_configured`, `bad_request` for an instant that is past, `too_many_kept`.
   */
  beginTakeover(key: AccountKey, chat: string, until: number | null): Promise<Takeover>
  /**
   * Hands a chat back to its agent, which is not asked about what was written meanwhile. Errors: `channel_not_configured`,
   * `not_found` where nobody has it.
   */
  endTakeover(key: AccountKey, chat: string): Promise<void>

  /** The chats in which a loop is suspected, the newest first. */
  listLoops(org: OrgId): Promise<readonly SuspectedLoop[]>
  /** Lets such a chat of an account go on, named by an address. Error: `not_found`, also where none is suspected. */
  endLoop(key: AccountKey, chat: string): Promise<void>

  /** Newest first. Error: `not_found` for an unknown `before`. */
  listApprovals(org: OrgId, page: ApprovalPage): Promise<Approval[]>
  /** Lets the call pass once, or not at all, and its turn go on. Errors: `not_found`, `approval_decided`. */
  decideApproval(org: OrgId, id: string, decision: ApprovalDecision): Promise<Approval>

  /** Resolves when the host has time for a call of this org: after its other calls, and beside what other orgs have done. */
  share(org: OrgId): Promise<void>
  /** What the org's policies say of a call of the API. Never throws: what cannot be decided is denied. */
  judge(question: PolicyQuestion): Promise<PolicyVerdict>
  /** The org's policies by their names, and whether they are in force. */
  listPolicies(org: OrgId): Promise<WirePolicyList>
  /** Error: `not_found`, also for a bundle, which has no source. */
  policy(org: OrgId, name: string): Promise<WirePolicy>
  /** Compiles it with the others and puts them into force at once. Error: `policy_refused` with row and column, and then nothing has changed. */
  putPolicy(org: OrgId, policy: WirePolicy): Promise<void>
  /** Errors: `not_found`; `policy_refused` when the others do not compile without it. */
  deletePolicy(org: OrgId, name: string): Promise<void>
  /** What would be decided about a tool call or a request; nothing is done. */
  testPolicies(org: OrgId, input: PolicyTestInput): Promise<WirePolicyTrial>

  /**
   * Whether numbers are on WhatsApp, and by which number: those that are known, and those that may be asked for. Errors:
   * `channel_not_configured`; `gateway_unreachable` when one that may be asked for was not answered.
   */
  checkContacts(key: AccountKey, numbers: readonly Phone[]): Promise<CheckedContacts>

  /** The groups that the account's number is in. Errors: `channel_not_configured`, `not_paired`, `gateway_unreachable`, `account_stopped`. */
  listGroups(key: AccountKey): Promise<WireGroupSummary[]>
  /** Who is in a group; asked of WhatsApp every five minutes at most. Errors: as above, and `not_found`. */
  group(key: AccountKey, id: GroupId): Promise<WireGroup>

  /** What is wrong with the channel beside its links, as it was found last, the gravest first: of the org, and of all. */
  problems(org: OrgId): readonly Problem[]
  /** The same now and at each change; skips to the newest when the reader is slow. */
  watchProblems(org: OrgId, signal: AbortSignal): AsyncIterable<readonly Problem[]>
  /** The org's numbers as Prometheus' text: no phone number, address or text is in it. */
  metrics(org: OrgId, held: Held): Promise<string>

  /** Newest first, fewer than asked for where they are long. Error: `not_found` for an unknown `before`. */
  listMessages(org: OrgId, page: MessagePage): Promise<ListedMessages>
  /** Who wrote these messages, and where: of those that the org has. */
  messageSenders(org: OrgId, ids: readonly string[]): Promise<WireSender[]>
  /** What became of a message that came in. Error: `not_found`, also for one that we sent. */
  messageCourse(org: OrgId, id: string): Promise<WireCourse>
  /**
   * Has the file of a message that came in fetched though nobody is to answer it, also when that failed before, and gives the message as
   * it is half a minute later at the latest. Errors: `not_found` where there is no such message, or no file.
   */
  fetchFile(org: OrgId, id: string): Promise<WireMessage>
  /** Every message, each once, in order: those after `after` from the store, then live ones. `after` null: only from now on. */
  watchMessages(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedMessage>
}
