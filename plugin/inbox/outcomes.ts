import { judgedBy, type MatchCase } from './participants.ts'
import type { Judged, MatchInput, Resolution } from '../contract/binding.ts'
import type { AccountKey, OrgId, Phone } from '../contract/ids.ts'
import type { Findings } from '../patterns/findings.ts'
import { albumSoFar, isPiece, type Taker } from './message-batch.ts'
import type { ConversationReset } from './conversation-reset.ts'
import { FREELY, restraintOn, type Restraint, type Restraints } from '../safeguards/restraint.ts'
import { confirmNumber, isConfirmed } from '../store/accounts/accounts.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Outcome } from '../store/sql/schema.ts'
import { isTaken } from '../safeguards/takeovers.ts'

/** Decides which of an org's bindings answers a message. @throws Unsearched if the message's text must be searched first. */
export type Rules = {
  resolve(question: MatchInput, findings?: Findings): Resolution
  /** The version of the org's bindings: the number of changes so far. */
  readonly change: number
}

/** What judging depends on. */
export type OutcomeParts = Restraints & {
  /** The org's rules as a transaction sees them. */
  readonly rulesOf: (transaction: Connection, org: OrgId) => Promise<Rules>
  /** The results of searches that ran before the transaction. */
  readonly findings?: Findings
  /** Decides what restarts a conversation. */
  readonly resets: Pick<ConversationReset, 'isReset'>
  /** How far apart the pieces of one question may be at most, in ms; 0 if each piece is a question of its own. */
  readonly gatherMs: (org: OrgId) => number
}

/** The outcome of a message, and the binding that takes it. */
export type MessageOutcome = {
  readonly outcome: Outcome
  readonly binding: Taker | null
  readonly judged: Judged | null
  /** How many turns in a row, including this one, followed hard on our replies. */
  readonly run?: number
}

/** Judges messages of one account, within one transaction. */
export class Outcomes {
  readonly #transaction: Connection
  readonly #key: AccountKey
  readonly #parts: OutcomeParts
  readonly #confirmed = new Map<Phone, boolean>()
  #rules: Rules | null = null

  constructor(transaction: Connection, key: AccountKey, parts: OutcomeParts) {
    this.#transaction = transaction
    this.#key = key
    this.#parts = parts
  }

  /** Notes that a person has been shown that this number is linked. Returns false if that was already noted. */
  async confirm(phone: Phone): Promise<boolean> {
    if (await this.#isConfirmed(phone)) return false
    await confirmNumber(this.#transaction, this.#key, phone)
    this.#confirmed.set(phone, true)
    return true
  }

  /** Judges a message by itself. */
  async on(asked: MatchCase): Promise<MessageOutcome> {
    const { content, ...question } = asked
    const { receiver } = question
    if (!receiver.phone || !(await this.#isConfirmed(receiver.phone))) {
      return { outcome: 'unmatched: link_unconfirmed', binding: null, judged: null }
    }
    this.#rules ??= await this.#parts.rulesOf(this.#transaction, this.#key.org)
    const resolution = this.#rules.resolve(question, this.#parts.findings)
    const judged = judgedBy(this.#rules.change, question)
    if (resolution.outcome === 'unmatched') return { outcome: `unmatched: ${resolution.reason}`, binding: null, judged }
    const taking = { ...this.#key, ...question }
    if (!asked.asked && (await isTaken(this.#transaction, taking, question.sentAt)))
      return { outcome: 'unmatched: human_takeover', binding: null, judged }
    const { binding } = resolution
    const { run, why } = await this.#restraintOn(asked, binding)
    if (why !== null) return { outcome: `unmatched: ${why}`, binding: null, judged }
    const outcome = this.#parts.resets.isReset(this.#key.org, content) ? 'reset' : 'matched'
    return { outcome, binding, judged, run }
  }

  /** A message that belongs to a question that waits to be asked does not count as another question. */
  async #restraintOn(asked: MatchCase, binding: Taker): Promise<Restraint> {
    const said = { ...this.#key, ...asked }
    const gathering = { binding, gatherMs: this.#parts.gatherMs(this.#key.org) }
    if (asked.asked || asked.counted === true || (await isPiece(this.#transaction, said, gathering))) return FREELY
    return restraintOn(this.#transaction, said, this.#parts)
  }

  /**
   * Judges a part of an album together with all parts that arrived before it: one caption or one mention counts for all pictures.
   */
  async inAlbum(asked: MatchCase): Promise<MessageOutcome> {
    const album = await albumSoFar(this.#transaction, { ...this.#key, ...asked })
    if (!album) return this.on(asked)
    const { taker, captions } = album
    const text = [...captions, asked.text].filter(each => each !== '').join('\n')
    const forwarded = asked.claimed?.forwarded === true || album.forwarded
    const verdict = await this.on({
      ...asked,
      text,
      mentioned: asked.mentioned || album.mentioned,
      claimed: { forwarded },
    })
    const judged = verdict.judged && (text === asked.text ? verdict.judged : { ...verdict.judged, text })
    if (taker === 'late' && verdict.binding) return { outcome: 'unmatched: album_late', binding: null, judged }
    if (taker === null || taker === 'late' || verdict.outcome !== 'unmatched: no_binding') return { ...verdict, judged }
    return { outcome: 'matched', binding: taker, judged }
  }

  async #isConfirmed(phone: Phone): Promise<boolean> {
    const known = this.#confirmed.get(phone)
    if (known !== undefined) return known
    const confirmed = await isConfirmed(this.#transaction, this.#key, phone)
    this.#confirmed.set(phone, confirmed)
    return confirmed
  }
}
