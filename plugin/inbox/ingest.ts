import { emptyPageResult, type PageResult } from './page-result.ts'
import type { TriggerKind } from '../config/inbound-limits.ts'
import { isUpgrade, ignoreReason } from '../safeguards/eligibility.ts'
import { matchCaseOf, type Participants } from './participants.ts'
import {
  type AnswerInChat,
  type AnswerTaken,
  type ApprovalAnswer,
  approvalAnswerIn,
} from '../messages/approval-answer.ts'
import { claimed, wordOf } from '../contract/claimed.ts'
import type { MessageContent } from '../contract/content.ts'
import type { AccountKey, OrgId, Person, Phone } from '../contract/ids.ts'
import { forgetAtOf, type InboundMessage } from '../contract/message.ts'
import { edit } from './edits.ts'
import { AllWanted } from '../patterns/findings.ts'
import { announceAlbum, askAnew, gather, type Gathered, type Said, type Taker } from './message-batch.ts'
import type { ConversationReset } from './conversation-reset.ts'
import { addAttachment, isFileAwaited, wantAttachment } from '../store/messages/attachments.ts'
import { holdForBacklog } from '../store/turns/backlog-holds.ts'
import type { Connection } from '../store/sql/connection.ts'
import { closeGatherings, setOutcomeOfTurn } from '../store/messages/message-batches.ts'
import { noteNamed } from '../store/messages/group-subjects.ts'
import {
  addMessage,
  findByIdentity,
  findMessage,
  listWaiting,
  type NewMessage,
  setJudgement,
  setOutcome,
  type StoredMessage,
  textOfStored,
  type WaitingOutcome,
} from '../store/messages/messages.ts'
import { findPerson, type KnownPerson, knownPerson, mentionedPerson } from '../store/people/people.ts'
import { findQuoted } from '../store/messages/quotes.ts'
import type { ChatKey, Outcome, PersonId } from '../store/sql/schema.ts'
import { cancelTurn, holdTurn, wasBegun } from '../store/turns/turns.ts'
import { takeOwnWords, type OwnWordsDo, type TakeoverSettings } from '../safeguards/takeovers.ts'
import { expireUndecryptable, upgradeMessage } from '../store/messages/undecryptable.ts'
import { noteChange } from '../store/messages/conversation.ts'
import { Outcomes, type MessageOutcome, type OutcomeParts } from './outcomes.ts'

const PAGE = 100
/** How long a turn waits for the file of its message, in ms. */
const FILE_PATIENCE_MS = 180_000

/** What the messages of an org are judged by. */
export type IngestParts = OutcomeParts & {
  /** The kinds of events, beside what people say, that bindings are asked about. */
  readonly alsoAnswered: (org: OrgId) => ReadonlySet<TriggerKind>
  /**
   * Handles a message that is an approver's answer to our question, within the transaction that stores it. Returns null for any
   * other message.
   */
  readonly approvalAnswered: (
    transaction: Connection,
    answer: ApprovalAnswer,
    given: AnswerInChat,
  ) => Promise<AnswerTaken | null>
  /** Decides what restarts a conversation. */
  readonly resets: Pick<ConversationReset, 'isReset' | 'confirm'>
  /** How people take chats over from agents, and hand them back. */
  readonly takeovers: (org: OrgId) => TakeoverSettings
  /** Whether mentioning everybody in a group counts as mentioning the number. */
  readonly mentionAllCounts: (org: OrgId) => boolean
}

/** What turns wait for, beside the other turns of their chat. */
export type Holding = {
  /** Until when the turn of a message waits at most for the account's backlog at WhatsApp; null if it does not wait. */
  readonly heldUntil?: (key: AccountKey, waited: boolean) => number | null
}

/** The quote of a message as received, the id of the quoted message if it is stored, and whether that message is one of ours. */
type Quoted = Pick<NewMessage, 'quoted' | 'quotes'> & { readonly isOurs: boolean }
type Received = InboundMessage & Pick<NewMessage, 'quotes'>

/** The row that was stored earlier for the same message. */
type Before = { readonly id: string; readonly seq: number; readonly outcome: Outcome }

/** What concluding needs to know of a message whose outcome is known. */
type Concluded = Omit<Said, 'run' | keyof AccountKey> &
  Pick<StoredMessage, 'receiverId'> & {
    readonly waited: boolean
    /** A person asks for an agent's answer to this message on its own. */
    readonly asked: boolean
  }

/** Writes messages, identities and confirmations of one account into the store, within one transaction. */
export class Ingest {
  readonly admitted: PageResult = emptyPageResult()
  readonly #transaction: Connection
  readonly #key: AccountKey
  readonly #judging: IngestParts & Holding
  readonly #verdicts: Outcomes
  /** The people seen in this transaction, by the addresses they came with. Cleared when a new address is learned. */
  readonly #people = new Map<string, KnownPerson>()

  constructor(transaction: Connection, key: AccountKey, judging: IngestParts & Holding) {
    this.#transaction = transaction
    this.#key = key
    this.#judging = judging
    this.#verdicts = new Outcomes(transaction, key, judging)
  }

  /**
   * Stores a message unless it is already stored, and queues its turn if a binding takes it. A message that could not be decrypted
   * before fills the row that was reserved for it. `byAdmin`: its sender is an admin of the group.
   */
  async message(received: InboundMessage, byAdmin = false): Promise<void> {
    const cast = await this.#cast(received)
    const { isOurs, ...quotation } = await this.#quoted(received, cast.chatKey)
    const message = { ...received, ...quotation, mentioned: isOurs || this.#mentions(received) }
    const before = await this.#before(message, cast)
    if (before && !isUpgrade(message, before)) {
      this.admitted.duplicates += 1
      return
    }
    const own = message.fromMe || cast.sender.id === cast.receiver.id
    const done = own ? await this.#ownersWords(message, cast) : 'nothing'
    const unasked =
      (await this.#decides(message, cast, own)) ??
      (done === 'resume' ? 'ignored: resume' : ignoreReason(message, own, this.#judging.alsoAnswered(this.#key.org)))
    const verdict = unasked
      ? { outcome: unasked, binding: null, judged: null }
      : await this.#verdicts.inAlbum(matchCaseOf(message, cast))
    const row = this.#rowOf(message, cast, verdict)
    const id = await this.#keep(row, before)
    await this.#change(message, { ...cast, byAdmin }, id)
    await noteNamed(this.#transaction, this.#key, message)
    if (message.content.kind === 'album') await this.#announceAlbum(message.stanzaId, cast)
    const { file, content } = message
    this.#count(message, verdict, before)
    if (forgetAtOf(message) !== null) this.admitted.disappears = true
    if (file !== null && content.kind === 'media') {
      await addAttachment(this.#transaction, { ...this.#key, id }, { file, media: content.media })
    }
    const waited = message.waited === true || before !== undefined
    await this.#conclude({ ...row, id, waited, asked: false }, verdict, row.quotes)
    if (verdict.binding) return
    if (done === 'take_over' || verdict.outcome === 'unmatched: human_takeover') await this.#wantFile(id)
  }

  /** A message that the number's owner writes on the phone may take the chat over from its agent, or hand it back. */
  async #ownersWords(said: InboundMessage, { chatKey, receiver }: Participants): Promise<OwnWordsDo> {
    const { content, edits, sentAt } = said
    const words = { ...this.#key, chatKey, self: receiver.id, content, edits, sentAt }
    const { does, takenBack } = await takeOwnWords(this.#transaction, words, this.#judging.takeovers(this.#key.org))
    this.admitted.takenBack.running.push(...takenBack.running)
    this.admitted.takenBack.replies += takenBack.replies
    return does
  }

  /** Handles an approver's answer. Agents are never asked about such a message. */
  async #decides(message: InboundMessage, people: Participants, own: boolean): Promise<Outcome | null> {
    const { chatKey, sender, receiver } = people
    const answer = own ? null : approvalAnswerIn(message)
    if (!answer) return null
    const given = { key: this.#key, chatKey, sender, self: receiver.id }
    const taken = await this.#judging.approvalAnswered(this.#transaction, answer, given)
    if (!taken) return null
    if (taken.said) this.admitted.said.push(taken.said)
    this.admitted.answered += 1
    return 'ignored: approval'
  }

  /** Marks messages as lost that have been undecryptable for too long: they will never be decrypted. */
  async expire(before: number): Promise<void> {
    this.admitted.seq = (await expireUndecryptable(this.#transaction, this.#key, before)) ?? this.admitted.seq
  }

  /** Links the addresses of a person with each other. Messages that waited for this are judged again. */
  async identity(person: Person): Promise<void> {
    const known = await this.#known(person)
    if (known.learned) await this.#lookAgain('unmatched: identity_unknown', known.id)
  }

  /** A person has been shown that this number is linked. Messages that waited for this are judged again. */
  async confirmation(phone: Phone): Promise<void> {
    if (await this.#verdicts.confirm(phone)) await this.#lookAgain('unmatched: link_unconfirmed')
  }

  /** WhatsApp's spelling of a number that a rule may name is known now, so messages that waited for it are judged again. */
  spelled(): Promise<void> {
    return this.#lookAgain('unmatched: identity_unknown')
  }

  /** Judges a message that no binding took by the current bindings. */
  async replayed(message: StoredMessage): Promise<void> {
    const { gatheredIn } = message
    const head = gatheredIn === null ? message : await findMessage(this.#transaction, this.#key.org, gatheredIn)
    if (!head) return
    await this.#reconsider(head, true)
    // Messages that were one question are asked as one question again.
    const again = await findMessage(this.#transaction, this.#key.org, head.id)
    if (again?.outcome === 'matched') await setOutcomeOfTurn(this.#transaction, head.id, 'matched')
  }

  async #cast({ sender, receiver, chat }: InboundMessage): Promise<Participants> {
    // All identities are learned before any person is looked up, because one of them may show that two people are the same.
    for (const person of [sender, receiver, chat.kind === 'direct' ? chat.peer : sender]) await this.identity(person)
    const people = { sender: await this.#known(sender), receiver: await this.#known(receiver) }
    if (chat.kind === 'group') return { ...people, chat, chatKey: chat.group }
    const peer = await this.#known(chat.peer)
    return { ...people, chat: { kind: 'direct', peer }, chatKey: peer.id }
  }

  async #known(person: Person): Promise<KnownPerson> {
    const name = JSON.stringify([person.lid, person.phone])
    const met = this.#people.get(name)
    if (met) return met
    const known = await knownPerson(this.#transaction, this.#key, person)
    if (known.learned) this.#people.clear()
    else this.#people.set(name, known)
    return known
  }

  /** The row that is already stored for a message. Before a message is decrypted, nobody knows that it edits another one. */
  async #before({ stanzaId, edits }: InboundMessage, { chatKey, sender }: Participants): Promise<Before | undefined> {
    const identity = { stanzaId, chatKey, senderId: sender.id }
    const same = await findByIdentity(this.#transaction, this.#key, { ...identity, edits })
    if (same || edits === null) return same
    const unread = await findByIdentity(this.#transaction, this.#key, { ...identity, edits: null })
    return unread?.outcome.startsWith('undecryptable') ? unread : undefined
  }

  /**
   * Applies an edit or a deletion. Only the author of a message in that chat can edit it, and only the author or an admin of the
   * group can delete it. This must be checked because anybody can name any stanza id.
   */
  async #change(said: InboundMessage, cast: Participants & { byAdmin: boolean }, id: string): Promise<void> {
    const { content, edits } = said
    const stanzaId = content.kind === 'revoke' ? content.target : edits
    if (stanzaId === null) return
    const { chatKey, sender, byAdmin } = cast
    const author = content.kind === 'revoke' ? content.author : undefined
    if (author && !byAdmin) return
    const senderId = author ? await findPerson(this.#transaction, this.#key, author) : sender.id
    if (senderId === undefined) return
    const identity = { stanzaId, edits: null, chatKey, senderId }
    const changed = await findByIdentity(this.#transaction, this.#key, identity)
    if (!changed) return
    if (content.kind !== 'revoke') return this.#edit(changed.id, content)
    await noteChange(this.#transaction, changed.id, id)
    const waits = changed.outcome === 'matched' || changed.outcome.startsWith('unmatched')
    if (!waits || (await wasBegun(this.#transaction, changed.id))) return
    await cancelTurn(this.#transaction, changed.id, 'ignored: revoked')
  }

  /** Judges a message that waits for its agent by its new content. */
  async #edit(id: string, content: MessageContent): Promise<void> {
    const message = await findMessage(this.#transaction, this.#key.org, id)
    const left = message && (await edit(this.#transaction, { message, content }, asked => this.#verdicts.on(asked)))
    if (!left) return
    const { verdict, others } = left
    this.admitted.reconsidered.push(verdict.outcome, ...Array<Outcome>(others).fill('unmatched: no_binding'))
    this.admitted.shortened += 1
    await this.#conclude({ ...left.message, waited: true, asked: false }, verdict, left.message.quotes)
  }

  async #quoted({ quoted }: InboundMessage, chatKey: ChatKey): Promise<Quoted> {
    if (!quoted) return { quoted, quotes: null, isOurs: false }
    const word = wordOf(quoted)
    const sender = word.sender && (await mentionedPerson(this.#transaction, this.#key, word.sender))
    const known = claimed({ ...word, sender })
    const [kept] = await findQuoted(this.#transaction, [{ ...this.#key, chatKey, quoted: known }])
    return { quoted: known, quotes: kept?.id ?? null, isOurs: kept?.fromMe === true }
  }

  #mentions({ mentioned, mentionsAll = false }: InboundMessage): boolean {
    return mentioned || (mentionsAll && this.#judging.mentionAllCounts(this.#key.org))
  }

  async #announceAlbum(albumId: string, { chatKey, sender }: Participants): Promise<void> {
    const speaker = { ...this.#key, chatKey, senderId: sender.id }
    const album = { albumId, gatherMs: this.#judging.gatherMs(this.#key.org) }
    if (await announceAlbum(this.#transaction, speaker, album)) this.admitted.shortened += 1
  }

  #rowOf(message: Received, cast: Participants, { outcome, binding, judged }: MessageOutcome): NewMessage {
    return {
      ...message,
      ...this.#key,
      direction: 'inbound',
      chatKey: cast.chatKey,
      senderId: cast.sender.id,
      receiverId: cast.receiver.id,
      outcome,
      bindingId: binding?.id ?? null,
      judged,
    }
  }

  async #keep(row: NewMessage, before: Before | undefined): Promise<string> {
    const { id, seq } = before
      ? { id: before.id, seq: await upgradeMessage(this.#transaction, before, row) }
      : await addMessage(this.#transaction, row)
    // A message that is not in the stream yet is not announced.
    if (seq > 0) this.admitted.seq = Math.max(seq, this.admitted.seq ?? 0)
    return id
  }

  #count({ content, receivedAt, chat }: InboundMessage, { outcome }: MessageOutcome, before: Before | undefined): void {
    const unsupported = content.kind === 'unsupported' ? content.type : null
    if (before) this.admitted.reconsidered.push(outcome)
    else
      this.admitted.arrived.push({ outcome, receivedAt, unsupported, group: chat.kind === 'group' ? chat.group : null })
  }

  /**
   * A turn waits for the files of its messages and of the messages they quote, but only for a limited time. After that its agent is
   * told that there is no file.
   */
  async #awaitFiles(headId: string, ids: readonly string[]): Promise<void> {
    const now = Date.now()
    for (const each of ids) if (await wantAttachment(this.#transaction, each, now)) this.admitted.files += 1
    if (await isFileAwaited(this.#transaction, ids)) await holdTurn(this.#transaction, headId, now + FILE_PATIENCE_MS)
  }

  async #wantFile(id: string): Promise<void> {
    if (await wantAttachment(this.#transaction, id, Date.now())) this.admitted.files += 1
  }

  /** Queues the turn of a matched message, confirms a reset, or notes why a message is unmatched. */
  async #conclude(message: Concluded, verdict: MessageOutcome, quotes: string | null | undefined): Promise<void> {
    const { outcome, binding } = verdict
    if (outcome === 'reset') {
      await closeGatherings(this.#transaction, { ...this.#key, chatKey: message.chatKey })
      const send = await this.#judging.resets.confirm(this.#transaction, { ...message, ...this.#key })
      if (send) this.admitted.said.push(send)
    } else if (binding) {
      const { headId, along } = await this.#putToTurn({ ...this.#key, ...message, run: verdict.run ?? 0 }, binding)
      const until = this.#judging.heldUntil?.(this.#key, message.waited) ?? null
      if (until !== null) await holdForBacklog(this.#transaction, headId, until)
      await this.#awaitFiles(headId, [message.id, ...along, ...(quotes ? [quotes] : [])])
      this.admitted.queued += 1
      for (const _ of along) this.admitted.reconsidered.push('matched')
    } else if (outcome.startsWith('unmatched')) {
      this.admitted.unmatched.push({ id: message.id, reason: outcome.slice('unmatched: '.length) })
    }
  }

  #putToTurn(said: Said & Concluded, binding: Taker): Promise<Gathered> {
    if (said.asked) return askAnew(this.#transaction, said, binding)
    return gather(this.#transaction, said, { binding, gatherMs: this.#judging.gatherMs(this.#key.org) })
  }

  async #lookAgain(outcome: WaitingOutcome, person?: PersonId): Promise<void> {
    const of = person === undefined ? {} : { person }
    const wanted = new AllWanted()
    for (let after = 0, full = true; full && !wanted.isFull;) {
      const page = await listWaiting(this.#transaction, this.#key, { outcome, after, limit: PAGE, ...of })
      for (const message of page) await wanted.by(() => this.#reconsider(message))
      after = page.at(-1)?.seq ?? after
      full = page.length === PAGE
    }
    wanted.throwAny()
  }

  async #reconsider(message: StoredMessage, asked = false): Promise<void> {
    const { id, receiver } = message
    // Only messages that we sent have no receiver, and those never wait.
    if (!receiver) return
    const claimed = { forwarded: message.forwarded !== null }
    const question = { ...message, receiver, text: textOfStored(message), claimed, asked }
    const verdict = await (asked ? this.#verdicts.on(question) : this.#verdicts.inAlbum(question))
    const { binding, judged } = verdict
    await setJudgement(this.#transaction, id, { bindingId: binding?.id ?? null, judged })
    if (verdict.outcome === message.outcome) return
    await setOutcome(this.#transaction, id, verdict.outcome)
    this.admitted.reconsidered.push(verdict.outcome)
    await this.#conclude({ ...message, waited: !asked, asked }, verdict, message.quotes)
  }
}
