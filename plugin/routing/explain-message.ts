import type { TriggerKind } from '../config/inbound-limits.ts'
import { ignoreReason } from '../safeguards/eligibility.ts'
import type { BindingExplainRequest, WireExplanation } from '../contract/api/bindings.ts'
import type { MessageContent } from '../contract/content.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import {
  type AccountKey,
  DEFAULT_ACCOUNT,
  type OrgId,
  parseAddress,
  parseGroupId,
  type Person,
  personAt,
  samePerson,
} from '../contract/ids.ts'
import { explain, type Seen } from './explain-rule.ts'
import type { PatternSearch } from '../patterns/pattern-search.ts'
import { spellingsOf } from './rule-cache.ts'
import type { Binding, MatchInput } from '../contract/binding.ts'
import { searchedIn } from './match-rule.ts'
import type { Spellings } from '../contacts/spellings.ts'
import { isConfirmed, listAccountsOf, type StoredAccount } from '../store/accounts/accounts.ts'
import { bindingsAt } from '../store/accounts/binding-revisions.ts'
import { listBindings } from '../store/accounts/bindings.ts'
import { addressOfNumber } from '../store/people/contacts.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Store } from '../store/database.ts'
import { captionsOf, findAlbum } from '../store/messages/message-batches.ts'
import { albumIn, findMessage, type StoredMessage, textOfStored } from '../store/messages/messages.ts'
import { mentionedPerson } from '../store/people/people.ts'
import { isTaken } from '../safeguards/takeovers.ts'

/** What explaining needs. */
export type ExplanationParts = {
  readonly store: Store
  readonly alsoAnswered: (org: OrgId) => ReadonlySet<TriggerKind>
  /** Where texts are searched: a made-up text may be anything. */
  readonly patterns: Pick<PatternSearch, 'search' | 'show'>
}

/** The question to the rules. `unasked` is the reason why the rules are not asked, else null. */
type Case = { readonly question: MatchInput; readonly unasked: string | null }

type MadeUp = NonNullable<BindingExplainRequest['message']>

/**
 * Reasons why no agent was asked although a binding took the message: the message exceeded a budget, a person had the chat, the
 * message came late, was edited, or belongs to a suspected loop; or a binding's pattern took too long.
 */
const UNASKED = [
  'rate_limited',
  'human_takeover',
  'album_late',
  'edited_away',
  'loop_suspected',
  'rule_too_slow',
] as const

const NOBODY: Person = { lid: null, phone: null }
const UNSEEN: Seen = { finding: 'too_slow', shown: null }

/** The explanation for a message of which the bindings it was judged by are unknown. */
function untold({ outcome, bindingId: binding_id }: StoredMessage): WireExplanation {
  const ignored = reasonIgnored(outcome)
  if (ignored !== null) return { outcome: 'ignored', reason: ignored, binding_id, bindings: [] }
  const [kind = '', reason = null] = outcome.split(': ')
  const known = kind === 'unmatched' ? kind : 'matched'
  return { outcome: known, reason: known === 'matched' ? null : reason, binding_id, bindings: [] }
}

/** Explains which agent would answer a message, and why, by the current bindings. Nothing is done. */
export class Explanations {
  readonly #parts: ExplanationParts

  constructor(parts: ExplanationParts) {
    this.#parts = parts
  }

  async of(org: OrgId, { message_id: id, message }: BindingExplainRequest): Promise<WireExplanation> {
    const { asked, bindings, spellings } = await this.#parts.store.transaction(async transaction => {
      const one = message ? await madeUp(transaction, org, message) : await this.#stored(transaction, org, id ?? '')
      const all = await listBindings(transaction, org)
      return { asked: one, bindings: all, spellings: await spellingsOf(transaction, org, all) }
    })
    return this.#told(org, asked, { bindings, spellings })
  }

  /**
   * Explains why an inbound message was answered, or not, by the bindings and the addresses that were known when it was judged. The
   * explanation has no bindings for a message that no binding was asked about, and for one older than the kept history of bindings.
   */
  async trace(org: OrgId, id: string): Promise<WireExplanation> {
    const { connection } = this.#parts.store
    const message = await findMessage(connection, org, id)
    if (!message?.receiver) throw new ChannelError('not_found')
    const { judged, outcome, chat, mentioned } = message
    const claimed = claimsOf(message)
    const bindings = judged && (await bindingsAt(connection, org, judged.change))
    if (!bindings) return untold(message)
    const { sender, receiver, peer, text = textOfStored(message) } = judged
    const where = peer ? ({ kind: 'direct', peer } as const) : chat
    const question = { chat: where, sender, receiver, text, mentioned, claimed }
    const unasked = UNASKED.find(reason => outcome === `unmatched: ${reason}`) ?? null
    const spellings = await spellingsOf(connection, org, bindings)
    const explained = await this.#told(org, { question, unasked }, { bindings, spellings })
    const { bindingId } = message
    // The binding that took one part of an album took all parts.
    const isPart = albumIn(message.content) !== null && bindingId !== null && explained.outcome === 'unmatched'
    return isPart && unasked === null
      ? { ...explained, outcome: 'matched', reason: null, binding_id: bindingId }
      : explained
  }

  async #told(org: OrgId, asked: Case, by: By): Promise<WireExplanation> {
    return told(asked, { ...by, seen: await this.#seen(org, asked.question, by) })
  }

  /** What each pattern finds. No binding is suspended for being slow here, because the text may be made up. */
  async #seen(org: OrgId, question: MatchInput, { bindings }: By): Promise<ReadonlyMap<string, Seen>> {
    const { patterns: asking } = this.#parts
    const inForce = bindings.filter(({ suspendedAt }) => suspendedAt === null)
    const patterns = [...new Set(inForce.flatMap(({ rule }) => rule.text_regex ?? []))]
    if (patterns.length === 0) return new Map()
    const text = searchedIn(question.text)
    const { searched } = await asking.search(org, { text, patterns, all: true })
    const found = patterns.filter((_, at) => searched[at] === 'found')
    const shown = found.length === 0 ? [] : await asking.show(org, text, found)
    return new Map(
      patterns.map((pattern, at) => {
        const became = searched[at] ?? 'too_slow'
        const finding = became === 'broken' ? 'too_slow' : became
        return [pattern, { finding, shown: shown[found.indexOf(pattern)] ?? null }]
      }),
    )
  }

  async #stored(transaction: Connection, org: OrgId, id: string): Promise<Case> {
    const message = await findMessage(transaction, org, id)
    if (!message?.receiver) throw new ChannelError('not_found')
    const { chat, sender, receiver, mentioned, edits, fromMe, account } = message
    const own = fromMe || samePerson(sender, receiver)
    // The content of an inbound message is always of that kind.
    const content = message.content as MessageContent
    const ignored = ignoreReason({ edits, content }, own, this.#parts.alsoAnswered(org))
    const album = await albumSaying(transaction, message)
    const text = album?.text ?? textOfStored(message)
    const claimed = { forwarded: message.forwarded !== null || album?.forwarded === true }
    const question = { chat, sender, receiver, text, mentioned: mentioned || album?.mentioned === true, claimed }
    const key = { org, account }
    const waits = ignored ?? (await unconfirmed(transaction, key, receiver))
    const taken = waits === null && (await isTaken(transaction, { ...key, chatKey: message.chatKey }, message.sentAt))
    return { question, unasked: taken ? 'human_takeover' : waits }
  }
}

/** The captions, mention and forward flags of all parts of an album together; null if the message is not part of an album. */
async function albumSaying(
  transaction: Connection,
  message: StoredMessage,
): Promise<{ readonly text: string; readonly mentioned: boolean; readonly forwarded: boolean } | null> {
  const albumId = albumIn(message.content)
  if (albumId === null) return null
  const { parts } = await findAlbum(transaction, message, albumId)
  return {
    text: captionsOf(parts).join('\n'),
    mentioned: parts.some(({ mentioned }) => mentioned),
    forwarded: parts.some(({ forwarded }) => forwarded),
  }
}

/**
 * Why no binding is asked about the message: it is of a kind that bindings ignore, or could not be decrypted. null if bindings are
 * asked.
 */
function reasonIgnored(outcome: string): string | null {
  const [kind = '', reason] = outcome.split(': ')
  return kind === 'ignored' || kind === 'undecryptable' ? (reason ?? kind) : null
}

const claimsOf = ({ forwarded }: StoredMessage) => ({ forwarded: forwarded !== null })

/** The bindings that messages are judged by, and WhatsApp's spellings of the numbers they name. */
type By = { readonly bindings: readonly Binding[]; readonly spellings: Spellings }

function told(
  { question, unasked }: Case,
  { bindings: all, spellings, seen }: By & { readonly seen: ReadonlyMap<string, Seen> },
): WireExplanation {
  const known = { spellings, seen: (pattern: string) => seen.get(pattern) ?? UNSEEN }
  const { resolution, verdicts } = explain(all, question, known)
  const bindings = verdicts.map(({ binding, verdict, clauses }) => {
    const { id, agent, position } = binding
    return { id, agent, position, verdict, clauses: [...clauses] }
  })
  const nobody = { reason: unasked, binding_id: null, bindings }
  const ignored = unasked === null ? null : reasonIgnored(unasked)
  if (ignored !== null) return { ...nobody, outcome: 'ignored', reason: ignored }
  if (unasked !== null) return { ...nobody, outcome: 'unmatched' }
  return resolution.outcome === 'matched'
    ? { outcome: 'matched', reason: null, binding_id: resolution.binding.id, bindings }
    : { ...nobody, outcome: 'unmatched', reason: resolution.reason }
}

async function madeUp(transaction: Connection, org: OrgId, message: MadeUp): Promise<Case> {
  const account = await accountWrittenTo(transaction, org, message)
  const key = { org, account: account?.account ?? DEFAULT_ACCOUNT }
  const known = (person: Person): Promise<Person> => mentionedPerson(transaction, key, person)
  const named = async (address: string): Promise<Person> => {
    const parsed = parseAddress(address)
    if (!parsed || parsed.kind === 'group') throw new ChannelError('bad_request')
    const person = personAt(parsed)
    return known(person.phone ? { ...person, phone: await addressOfNumber(transaction, key, person.phone) } : person)
  }
  const sender = await named(message.from)
  const own = account?.phone ? await known({ lid: null, phone: account.phone }) : NOBODY
  const receiver = message.to === undefined ? own : await named(message.to)
  const group = message.group === undefined ? null : parseGroupId(message.group)
  const chat = group ? ({ kind: 'group', group } as const) : ({ kind: 'direct', peer: sender } as const)
  const { text, mentioned, forwarded = false } = message
  return {
    question: { chat, sender, receiver, text, mentioned, claimed: { forwarded } },
    unasked: await unconfirmed(transaction, key, receiver),
  }
}

/** The account that is linked with the number in `to`. If there is none: the named account, or `default`. */
async function accountWrittenTo(
  transaction: Connection,
  org: OrgId,
  { to, account = DEFAULT_ACCOUNT }: Pick<MadeUp, 'to' | 'account'>,
): Promise<StoredAccount | undefined> {
  const accounts = await listAccountsOf(transaction, org)
  const number = to === undefined ? null : parseAddress(to)
  const linked = number?.kind === 'phone' ? accounts.find(({ phone }) => phone === number.phone) : undefined
  return linked ?? accounts.find(({ account: name }) => name === account)
}

/** No agent answers until a person who may pair has been shown which number is linked. */
async function unconfirmed(transaction: Connection, key: AccountKey, { phone }: Person): Promise<string | null> {
  return phone !== null && (await isConfirmed(transaction, key, phone)) ? null : 'link_unconfirmed'
}
