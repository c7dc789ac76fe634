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
/** A turn waits so long for the file of its message. */
const FILE_PATIENCE_MS = 180_000

/** What an org's messages are judged by. */
export type IngestParts = OutcomeParts & {
  /** What else bindings are asked about than what people say. */
  readonly alsoAnswered: (org: OrgId) => ReadonlySet<TriggerKind>
  /** Takes a message that is an approver's answer to our question, within the transaction that stores it; null for any other. */
  readonly approvalAnswered: (
    transaction: Connection,
    answer: ApprovalAnswer,
    given: AnswerInChat,
  ) => Promise<AnswerTaken | null>
  /** What restarts a conversation. */
  readonly resets: Pick<ConversationReset, 'isReset' | 'confirm'>
  /** How chats are taken over from their agents, and handed back. */
  readonly takeovers: (org: OrgId) => TakeoverSettings
  /** Whether a mention of all who are in a group is one of the number. */
  readonly mentionAllCounts: (org: OrgId) => boolean
}

/** What turns wait for beside their chat. */
export type Holding = {
  /** Until when the turn of a message waits at most for what waits at WhatsApp; null: it does not. */
  readonly heldUntil?: (key: AccountKey, waited: boolean) => number | null
}

/** What a message quotes, as it has it, the message that it is where that is kept, and whether that is one of ours. */
type Quoted = Pick<NewMessage, 'quoted' | 'quotes'> & { readonly isOurs: boolean }
type Received = InboundMessage & Pick<NewMessage, 'quotes'>

/** What was stored of a message before. */
type Before = { readonly id: string; readonly seq: number; readonly outcome: Outcome }

/** What is asked of a message once it is known what becomes of it. */
type Concluded = Omit<Said, 'run' | keyof AccountKey> &
  Pick<StoredMessage, 'receiverId'> & {
    readonly waited: boolean
    /** A person wants it asked about, by itself. */
    readonly asked: boolean
  }

/** Takes messages, identities and confirmations of one account into the store, within one transaction. */
export class Ingest {
  readonly admitted: PageResult = emptyPageResult()
  readonly #transaction: Connection
  readonly #key: AccountKey
  readonly #judging: IngestParts & Holding
  readonly #verdicts: Outcomes
  /** Those met in this transaction, by the addresses they came with; emptied when an address is learned. */
  readonly #people = new Map<string, KnownPerson>()

  constructor(transaction: Connection, key: AccountKey, judging: IngestParts & Holding) {
    this.#transaction = transaction
    this.#key = key
    this.#judging = judging
    this.#verdicts = new Outcomes(transaction, key, judging)
  }

  /**
   * Stores a message unless it was stored before, and queues its turn when a binding takes it. One that could not be
   * decrypted before takes the place that was kept for it. `byAdmin`: its sender is an admin of the group.
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

  /** What the owner of the number writes on the phone may take a chat over from its agent, or hand it back. */
  async #ownersWords(said: InboundMessage, { chatKey, receiver }: Participants): Promise<OwnWordsDo> {
    const { content, edits, sentAt } = said
    const words = { ...this.#key, chatKey, self: receiver.id, content, edits, sentAt }
    const { does, takenBack } = await takeOwnWords(this.#transaction, words, this.#judging.takeovers(this.#key.org))
    this.admitted.takenBack.running.push(...takenBack.running)
    this.admitted.takenBack.replies += takenBack.replies
    return does
  }

  /** An approver's word is nothing that an agent is asked about. */
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

  /** What was not decrypted for so long never will be: it is shown as lost. */
  async expire(before: number): Promise<void> {
    this.admitted.seq = (await expireUndecryptable(this.#transaction, this.#key, before)) ?? this.admitted.seq
  }

  /** Ties the addresses of a person together; messages that waited for it are looked at again. */
  async identity(person: Person): Promise<void> {
    const known = await this.#known(person)
    if (known.learned) await this.#lookAgain('unmatched: identity_unknown', known.id)
  }

  /** Somebody has been shown that this number is linked; what waited for that is looked at again. */
  async confirmation(phone: Phone): Promise<void> {
    if (await this.#verdicts.confirm(phone)) await this.#lookAgain('unmatched: link_unconfirmed')
  }

  /** How WhatsApp has a number that a rule may name is known by now. */
  spelled(): Promise<void> {
    return this.#lookAgain('unmatched: identity_unknown')
  }

  /** A message that no binding took is judged by those that there are now. */
  async replayed(message: StoredMessage): Promise<void> {
    const { gatheredIn } = message
    const head = gatheredIn === null ? message : await findMessage(this.#transaction, this.#key.org, gatheredIn)
    if (!head) return
    await this.#reconsider(head, true)
    // What was one question is asked as one again.
    const again = await findMessage(this.#transaction, this.#key.org, head.id)
    if (again?.outcome === 'matched') await setOutcomeOfTurn(this.#transaction, head.id, 'matched')
  }

  async #cast({ sender, receiver, chat }: InboundMessage): Promise<Participants> {
    // All of them before any: what one of them teaches may make two people one.
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

  /** What was stored of a message. Before it is decrypted nobody knows that it edits another. */
  async #before({ stanzaId, edits }: InboundMessage, { chatKey, sender }: Participants): Promise<Before | undefined> {
    const identity = { stanzaId, chatKey, senderId: sender.id }
    const same = await findByIdentity(this.#transaction, this.#key, { ...identity, edits })
    if (same || edits === null) return same
    const unread = await findByIdentity(this.#transaction, this.#key, { ...identity, edits: null })
    return unread?.outcome.startsWith('undecryptable') ? unread : undefined
  }

  /**
   * Only the author of a message in that chat can change it, and only they or an admin of the group take it back: anybody can name
   * any stanza id.
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

  /** What waits for its agent is judged by what it says now. */
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
    // What is not in the stream yet is told to nobody.
    if (seq > 0) this.admitted.seq = Math.max(seq, this.admitted.seq ?? 0)
    return id
  }

  #count({ content, receivedAt, chat }: InboundMessage, { outcome }: MessageOutcome, before: Before | undefined): void {
    const unsupported = content.kind === 'unsupported' ? content.type : null
    if (before) this.admitted.reconsidered.push(outcome)
    else
      this.admitted.arrived.push({ outcome, receivedAt, unsupported, group: chat.kind === 'group' ? chat.group : null })
  }

  /** A turn waits for the files of its messages and of those that they quote, but not for ever: its agent is then told that there is none. */
  async #awaitFiles(headId: string, ids: readonly string[]): Promise<void> {
    const now = Date.now()
    for (const each of ids) if (await wantAttachment(this.#transaction, each, now)) this.admitted.files += 1
    if (await isFileAwaited(this.#transaction, ids)) await holdTurn(this.#transaction, headId, now + FILE_PATIENCE_MS)
  }

  async #wantFile(id: string): Promise<void> {
    if (await wantAttachment(this.#transaction, id, Date.now())) this.admitted.files += 1
  }

  /** Sees to the turn of a message that is matched, and notes why one is not. */
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
    // Only what we sent has no receiver, and that never waits.
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
