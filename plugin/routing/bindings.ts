import type { BindingCreateRequest, BindingUpdate, CreatedBinding, WireBinding } from '../contract/api/bindings.ts'
import type { Binding, MatchRule } from '../contract/binding.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { Agents, Log } from '../contract/host.ts'
import type { OrgId, Phone } from '../contract/ids.ts'
import { coveredSentence, standingBefore } from './rule-coverage.ts'
import { PATTERN_INSTRUCTIONS } from '../patterns/pattern.ts'
import type { PatternSearch } from '../patterns/pattern-search.ts'
import { spellingsOf } from './rule-cache.ts'
import { namedIn, numbersIn, ruleOf, takesAll, type Named } from './match-rule.ts'
import type { Spellings } from '../contacts/spellings.ts'
import { listAccountsOf } from '../store/accounts/accounts.ts'
import {
  addBinding,
  countBindings,
  findBinding,
  listBindings,
  placeBindings,
  removeBinding,
  replaceBinding,
} from '../store/accounts/bindings.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Store } from '../store/database.ts'

/** What managing bindings needs. */
export type BindingParts = {
  readonly store: Store
  readonly agents: Agents
  readonly log: Log
  /** Has WhatsApp asked for the numbers that a rule names, as far as the lookup budget allows. */
  readonly ask: (org: OrgId, numbers: readonly Phone[]) => Promise<void>
  /** Where patterns are compiled: it may take long until a pattern turns out to be refused. */
  readonly patterns: Pick<PatternSearch, 'check' | 'weigh'>
}

/** The most bindings of an org. All of them are read and listed at once, while every other org waits. */
const BINDINGS_MOST = 2_000
/** The most patterns of an org. A message is searched for each of them in turn. */
const PATTERNS_MOST = 100
const TOO_MUCH_TO_SEARCH =
  'match_rule.text_regex makes all patterns of this org together too long to be searched for in every message. Shorten it, or delete another: [a-z]{1,50} counts fifty times.'
const CATCH_ALL = 'This binding takes every message that none before it takes, from anybody and in every group.'

function wireBinding(binding: Binding, spellings: Spellings): WireBinding {
  const { id, agent, rule, conversation, position, enabled, version, suspendedAt, createdAt } = binding
  const created_at = new Date(createdAt).toISOString()
  return {
    id,
    agent,
    match_rule: rule,
    ...knownIn(rule, spellings),
    conversation,
    position,
    enabled,
    version,
    ...(suspendedAt !== null && { suspended_at: new Date(suspendedAt).toISOString() }),
    created_at,
  }
}

type Known = Pick<WireBinding, 'spelled' | 'not_known_yet' | 'not_on_whatsapp'>

/** What WhatsApp has reported about the numbers that a rule names: another spelling, no answer yet, or no such number. */
function knownIn(rule: MatchRule, spellings: Spellings): Known {
  const numbers = Object.entries(namedIn(rule)).flatMap(([key, named]) =>
    named?.kind === 'phone'
      ? [{ key: key as keyof Named, named: named.phone, address: spellings.get(named.phone) }]
      : [],
  )
  const spelled = numbers.flatMap(({ key, named, address }) => (address && address !== named ? [[key, address]] : []))
  const keysWith = (found: null | undefined) => numbers.flatMap(({ key, address }) => (address === found ? [key] : []))
  const [unknown, absent] = [keysWith(undefined), keysWith(null)]
  return {
    ...(spelled.length > 0 && { spelled: Object.fromEntries(spelled) as NonNullable<Known['spelled']> }),
    ...(unknown.length > 0 && { not_known_yet: unknown }),
    ...(absent.length > 0 && { not_on_whatsapp: absent }),
  }
}

/** A warning about an effect of a binding that may be unintended; null if there is none. */
function warningOf(binding: Binding, before: Binding | undefined): string | null {
  if (before) return coveredSentence(before)
  return takesAll(binding.rule) ? CATCH_ALL : null
}

/** The number of instructions of each pattern, by its text; null if they are too many to be counted. */
type Sizes = ReadonlyMap<string, number> | null

/** Thrown for a pattern whose size is unknown, because another request has just added it. */
class Unweighed extends Error {}
const MOST_WEIGHINGS = 5

/** Refuses a rule if the patterns of the org would exceed their limits. `before`: the binding that is being changed. */
async function checkRoom(
  transaction: Connection,
  org: OrgId,
  { rule, before, sizes }: { rule: MatchRule; before: Binding | null; sizes: Sizes },
): Promise<void> {
  if (rule.text_regex === undefined) return
  if (sizes === null) throw new ChannelError('bad_request', TOO_MUCH_TO_SEARCH)
  const sizeOf = (text: string): number => {
    const size = sizes.get(text)
    if (size === undefined) throw new Unweighed()
    return size
  }
  const others = (await listBindings(transaction, org)).filter(({ id }) => id !== before?.id)
  const patterns = others.flatMap(each => each.rule.text_regex ?? [])
  const own = sizeOf(rule.text_regex)
  const isShorter = before?.rule.text_regex !== undefined && own <= sizeOf(before.rule.text_regex)
  const all = patterns.reduce((sum, text) => sum + sizeOf(text), own)
  if (!isShorter && all > PATTERN_INSTRUCTIONS) throw new ChannelError('bad_request', TOO_MUCH_TO_SEARCH)
  if (patterns.length < PATTERNS_MOST) return
  const sentence = `match_rule.text_regex is in ${PATTERNS_MOST} bindings already, the most that an org may have. Join some of them, as in "stop|halt".`
  throw new ChannelError('bad_request', sentence)
}

/** Manages the bindings of the orgs. A change applies from the next message on. */
export class Bindings {
  readonly #parts: BindingParts

  constructor(parts: BindingParts) {
    this.#parts = parts
  }

  async list(org: OrgId): Promise<WireBinding[]> {
    return this.#wire(org, await listBindings(this.#parts.store.connection, org))
  }

  async find(org: OrgId, id: string): Promise<WireBinding> {
    const binding = await findBinding(this.#parts.store.connection, org, id)
    if (!binding) throw new ChannelError('not_found')
    return wireBinding(binding, await this.#spellings(org, [binding]))
  }

  async create(org: OrgId, { match_rule: written, ...given }: BindingCreateRequest): Promise<CreatedBinding> {
    const rule = ruleOf(written)
    await this.#checkRule(org, rule)
    await this.#checkAgent(org, given.agent)
    const { log } = this.#parts
    const binding = await this.#change(org, rule, async (transaction, sizes) => {
      if ((await countBindings(transaction, org)) >= BINDINGS_MOST) throw new ChannelError('too_many_kept')
      await checkRoom(transaction, org, { rule, before: null, sizes })
      return addBinding(transaction, org, { ...given, rule })
    })
    log.info({ org, binding: binding.id, position: binding.position }, 'binding created')
    return this.#told(org, binding)
  }

  async update(
    org: OrgId,
    id: string,
    { agent, match_rule: written, enabled, conversation, version }: BindingUpdate,
  ): Promise<CreatedBinding> {
    const rule = written && ruleOf(written)
    if (rule) await this.#checkRule(org, rule)
    if (agent !== undefined) await this.#checkAgent(org, agent)
    const { log } = this.#parts
    const binding = await this.#change(org, rule, async (transaction, sizes) => {
      const before = await findBinding(transaction, org, id)
      if (!before) throw new ChannelError('not_found')
      if (version !== undefined && version !== before.version) throw new ChannelError('binding_changed')
      if (rule) await checkRoom(transaction, org, { rule, before, sizes })
      const change = {
        ...(agent !== undefined && { agent }),
        ...(rule && { rule }),
        ...(enabled !== undefined && { enabled }),
        ...(conversation && { conversation }),
      }
      return replaceBinding(transaction, { ...before, ...change })
    })
    log.info({ org, binding: id, version: binding.version, enabled: binding.enabled }, 'binding changed')
    return this.#told(org, binding)
  }

  async reorder(org: OrgId, order: readonly string[]): Promise<CreatedBinding[]> {
    const { store, log } = this.#parts
    const bindings = await store.transaction(async transaction => {
      const known = new Set((await listBindings(transaction, org)).map(({ id }) => id))
      // A binding that another request has just added or deleted has no place in this order.
      if (known.size !== order.length || !order.every(id => known.has(id))) throw new ChannelError('binding_changed')
      await placeBindings(transaction, org, order)
      return listBindings(transaction, org)
    })
    log.info({ org, bindings: bindings.length }, 'bindings reordered')
    const spellings = await this.#spellings(org, bindings)
    const covering = standingBefore(bindings, spellings)
    return bindings.map(binding => {
      const before = covering.get(binding.id)
      return { ...wireBinding(binding, spellings), ...(before && { warning: coveredSentence(before) }) }
    })
  }

  async delete(org: OrgId, id: string): Promise<void> {
    const { store, log } = this.#parts
    const removed = await store.transaction(transaction => removeBinding(transaction, org, id))
    if (!removed) throw new ChannelError('not_found')
    log.info({ org, binding: id }, 'binding deleted')
  }

  /** Refuses a rule that could not be evaluated. @throws ChannelError `bad_request` that names the key which is at fault. */
  async #checkRule(org: OrgId, rule: MatchRule): Promise<void> {
    namedIn(rule)
    if (rule.text_regex !== undefined) await this.#parts.patterns.check(org, rule.text_regex)
  }

  /** Changes the bindings. If a rule has a pattern, the sizes of all patterns are determined first. */
  async #change<Result>(
    org: OrgId,
    rule: MatchRule | undefined,
    work: (transaction: Connection, sizes: Sizes) => Promise<Result>,
  ): Promise<Result> {
    const { store, patterns } = this.#parts
    for (let weighings = 0; weighings < MOST_WEIGHINGS; weighings += 1) {
      const pattern = rule?.text_regex
      const bindings = pattern === undefined ? [] : await listBindings(store.connection, org)
      const texts = new Set([pattern, ...bindings.map(each => each.rule.text_regex)])
      const sizes = await patterns.weigh(
        org,
        [...texts].filter(text => text !== undefined),
      )
      try {
        return await store.transaction(transaction => work(transaction, sizes))
      } catch (error) {
        if (!(error instanceof Unweighed)) throw error
      }
    }
    throw new ChannelError('binding_changed')
  }

  /** The change is already stored here, so a failure to ask WhatsApp does not undo it. */
  async #told(org: OrgId, binding: Binding): Promise<CreatedBinding> {
    await this.#parts.ask(org, numbersIn(binding.rule)).catch(() => undefined)
    const all = await listBindings(this.#parts.store.connection, org)
    const spellings = await this.#spellings(org, [...all, binding])
    const warning = warningOf(binding, standingBefore(all, spellings).get(binding.id))
    return { ...wireBinding(binding, spellings), ...(warning !== null && { warning }) }
  }

  async #wire(org: OrgId, bindings: readonly Binding[]): Promise<WireBinding[]> {
    const spellings = await this.#spellings(org, bindings)
    return bindings.map(binding => wireBinding(binding, spellings))
  }

  /** What WhatsApp has reported about the numbers that bindings name. The org's own numbers count as spelled correctly. */
  async #spellings(org: OrgId, bindings: readonly Binding[]): Promise<Spellings> {
    const { connection } = this.#parts.store
    const accounts = await listAccountsOf(connection, org)
    const own = accounts.flatMap(({ phone }) => (phone ? [[phone, phone] as const] : []))
    return new Map([...(await spellingsOf(connection, org, bindings)), ...own])
  }

  async #checkAgent(org: OrgId, agent: string): Promise<void> {
    if (!(await this.#parts.agents.exists(org, agent))) throw new ChannelError('unknown_agent')
  }
}
