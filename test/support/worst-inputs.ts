import type { inferRouterInputs } from '@trpc/server'

import type { ProcedurePath } from '../../plugin/api/trpc/procedures.ts'
import type { AppRouter } from '../../plugin/api/trpc/router.ts'
import type { ErrorCode } from '../../plugin/contract/errors/errors.ts'
import { LONGEST_TEXT, numberOf, type FullOrg } from './full-org.ts'

type At<Tree, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Tree
    ? At<Tree[Head], Rest>
    : never
  : Path extends keyof Tree
    ? Tree[Path]
    : never

/** What a procedure takes. */
export type InputOf<Path extends ProcedurePath> = At<inferRouterInputs<AppRouter>, Path>

/** The input of a procedure that makes the most of a call, of all that it takes. */
export type WorstInput<Input> = {
  /** What there is so much of, in words. */
  readonly most: string
  /** The `n`-th of several calls. */
  readonly input: (org: FullOrg, n: number) => Input
  /** The same with a little more, which is refused; null where more cannot be said. */
  readonly beyond: ((org: FullOrg) => unknown) | null
  /** How it ends where nothing is linked, no gateway runs, or there is no such thing; else it is done. */
  readonly unless?: readonly ErrorCode[]
}

type Table = { readonly [Path in ProcedurePath]: WorstInput<InputOf<Path>> }

const ACCOUNT = 'default'
const PAGE = 200
/** Ids and names are not longer. */
const ID = 'x'.repeat(64)
const TOO_LONG = 'x'.repeat(65)
/** Of it the more messages, entities and marks are made, the more of it there is. */
const MARKS = '*_~`[](@'
const text = (letters: number): string => MARKS.repeat(Math.ceil(letters / MARKS.length)).slice(0, letters)
const LONG = text(LONGEST_TEXT)
const REGO_LETTERS = 900_000
/** More of them make the compiler slow, which is a process of its own. */
const RULES = 100
const NAMED_MOST = 256

const NOT_THERE = ['not_found'] as const

/** Only an id: there is nothing to have more of. */
const idOnly = <Input>(
  input: WorstInput<Input>['input'],
  { unless, long }: { unless?: readonly ErrorCode[]; long?: unknown } = {},
): WorstInput<Input> => ({
  most: 'an id',
  input,
  beyond: long === undefined ? null : () => long,
  ...(unless && { unless }),
})

const nothing: WorstInput<undefined> = { most: 'it takes nothing', input: () => undefined, beyond: null }
const account = (unless: readonly ErrorCode[]): WorstInput<{ account?: string | undefined } | undefined> => ({
  most: 'the name of an account',
  input: () => ({ account: ACCOUNT }),
  beyond: () => ({ account: TOO_LONG }),
  unless,
})
const page = {
  most: `a page of ${PAGE}`,
  input: () => ({ limit: PAGE }),
  beyond: () => ({ limit: PAGE + 1 }),
}

/** A policy of so many letters and rules. */
export function longPolicy(letters: number, rules: number): string {
  const rule = (_: unknown, n: number): string =>
    `deny["${n}"] { input.resource.tool == "tool.n${n}"; input.subject.role == "viewer" }\n`
  const source = `package agentcy.long\n\n${Array.from({ length: rules }, rule).join('')}`
  return source.padEnd(letters, `# ${'x'.repeat(100)}\n`)
}

/** A rule with all that a rule may name; without a pattern, of which there are only so many. */
const fullRule = (n: number) => ({
  channel: 'whatsapp' as const,
  group: numberOf(n),
  from: numberOf(n),
  to: numberOf(n),
  mentioned: true,
  forwarded: true as const,
  chat_type: 'direct' as const,
})

const links = {
  'channels.list': nothing,
  'channels.reload': { ...nothing, unless: ['reloaded_lately'] },
  'whatsapp.configure': {
    most: 'one account more, with the longest names',
    input: (_, n) => ({ account: ID.slice(String(n).length) + n, fields: { display_name: 'x'.repeat(64) } }),
    beyond: () => ({ fields: { display_name: TOO_LONG } }),
    unless: ['gateway_unreachable', 'too_many_kept'],
  },
  'whatsapp.unpair': {
    most: 'the name of an account',
    input: () => ({ account: 'none' }),
    beyond: () => ({ account: TOO_LONG }),
    unless: ['channel_not_configured'],
  },
  'whatsapp.schema': nothing,
  'whatsapp.test': account(['gateway_unreachable', 'not_paired']),
  'whatsapp.code.start': {
    most: 'a number',
    input: () => ({ account: ACCOUNT, phone: '+972520000001' }),
    beyond: () => ({ phone: `+${'9'.repeat(65)}` }),
    unless: ['gateway_unreachable', 'already_connected'],
  },
  'whatsapp.passkey.answer': {
    most: 'an object as large as a call may be',
    input: ({ session }) => ({ session_id: session, assertion: { response: 'x'.repeat(50_000) } }),
    beyond: ({ session }) => ({ session_id: session, assertion: 'x'.repeat(20_001) }),
    unless: NOT_THERE,
  },
  'whatsapp.passkey.confirm': idOnly(({ session }) => ({ session_id: session }), {
    unless: NOT_THERE,
    long: { session_id: TOO_LONG },
  }),
  'whatsapp.qr.start': account(['gateway_unreachable', 'already_connected']),
  'whatsapp.qr.status': idOnly(({ session }) => ({ session_id: session }), {
    unless: NOT_THERE,
    long: { session_id: TOO_LONG },
  }),
  'whatsapp.qr.watch': idOnly(({ session }) => ({ session_id: session }), {
    unless: NOT_THERE,
    long: { session_id: TOO_LONG },
  }),
  'whatsapp.connection.watch': account([]),
} as const satisfies Partial<Table>

const sends = {
  'whatsapp.send': {
    most: `${LONGEST_TEXT} letters, which are several messages, with ${NAMED_MOST} mentions`,
    input: (_, n) => ({
      to: numberOf(n),
      text: LONG,
      mentions: Array.from({ length: NAMED_MOST }, (__, at) => numberOf(at)),
    }),
    beyond: () => ({ to: numberOf(0), text: `${LONG}x` }),
  },
  'whatsapp.sends.list': page,
  'whatsapp.sends.get': idOnly(({ sends: ids }, n) => ({ id: ids[n] ?? ID }), { long: { id: TOO_LONG } }),
  'whatsapp.sends.cancel': idOnly(({ sends: ids }, n) => ({ id: ids[n] ?? ID }), { long: { id: TOO_LONG } }),
  'whatsapp.sends.watch': {
    most: 'from the first step on',
    input: () => ({ lastEventId: '0' }),
    beyond: () => ({ lastEventId: '9'.repeat(16) }),
  },
  'whatsapp.transfers.watch': nothing,
} as const satisfies Partial<Table>

const repeated = (ids: readonly string[], count: number): string[] =>
  Array.from({ length: count }, (_, at) => ids[at % ids.length] ?? ID)

const messages = {
  'whatsapp.messages.list': page,
  'whatsapp.messages.watch': {
    most: 'from the first message on',
    input: () => ({ lastEventId: '0' }),
    beyond: () => ({ lastEventId: '9'.repeat(16) }),
  },
  'whatsapp.messages.senders': {
    most: '200 messages',
    input: ({ messages: ids }) => ({ ids: repeated(ids, 200) }),
    beyond: ({ messages: ids }) => ({ ids: repeated(ids, 201) }),
  },
  'whatsapp.messages.trace': idOnly(({ messages: [id = ID] }) => ({ id }), { long: { id: TOO_LONG } }),
  'whatsapp.messages.course': idOnly(({ asked }) => ({ id: asked }), { long: { id: TOO_LONG } }),
  'whatsapp.messages.fetchFile': idOnly(({ asked }) => ({ id: asked }), { unless: NOT_THERE, long: { id: TOO_LONG } }),
  'whatsapp.groups.list': account(['gateway_unreachable', 'not_paired']),
  'whatsapp.groups.get': {
    most: 'a group',
    input: () => ({ id: '120363000000000001@g.us' }),
    beyond: () => ({ id: `${'1'.repeat(65)}@g.us` }),
    unless: ['gateway_unreachable', 'not_paired'],
  },
  'contacts.check': {
    most: 'ten numbers',
    input: () => ({ numbers: Array.from({ length: 10 }, (_, n) => numberOf(n)) }),
    beyond: () => ({ numbers: Array.from({ length: 11 }, (_, n) => numberOf(n)) }),
    unless: ['gateway_unreachable', 'lookup_budget'],
  },
} as const satisfies Partial<Table>

const desk = {
  'takeovers.list': nothing,
  'takeovers.begin': {
    most: 'one chat more',
    input: (_, n) => ({ chat: numberOf(n) }),
    beyond: () => ({ chat: TOO_LONG }),
    unless: ['too_many_kept'],
  },
  'takeovers.end': {
    most: 'a chat',
    input: (_, n) => ({ chat: numberOf(n) }),
    beyond: () => ({ chat: TOO_LONG }),
    unless: NOT_THERE,
  },
  'loops.list': nothing,
  'loops.end': {
    most: 'a chat',
    input: (_, n) => ({ chat: numberOf(n) }),
    beyond: () => ({ chat: TOO_LONG }),
    unless: NOT_THERE,
  },
  'turns.list': page,
  'turns.watch': nothing,
  'problems.watch': nothing,
  'turns.retry': idOnly(({ turn }) => ({ id: turn, step: 'skip' as const }), {
    unless: ['turn_not_waiting'],
    long: { id: TOO_LONG },
  }),
  'turns.cancel': idOnly(({ turn }) => ({ id: turn }), { unless: ['turn_over'], long: { id: TOO_LONG } }),
  'approvals.list': page,
  'approvals.decide': {
    most: 'a note of 1,000 letters',
    input: ({ approvals }, n) => ({ id: approvals[n] ?? ID, approved: false, note: text(1_000) }),
    beyond: ({ approvals: [id = ID] }) => ({ id, approved: false, note: text(1_001) }),
    unless: ['approval_decided'],
  },
} as const satisfies Partial<Table>

const policies = {
  'policies.list': nothing,
  'policies.get': { most: 'its name', input: ({ policy }) => ({ name: policy }), beyond: () => ({ name: TOO_LONG }) },
  'policies.put': {
    most: `${REGO_LETTERS} letters`,
    input: () => ({ name: 'long', source: longPolicy(REGO_LETTERS, RULES) }),
    beyond: () => ({ name: 'long', source: longPolicy(REGO_LETTERS + 1, RULES) }),
    unless: ['policy_refused'],
  },
  'policies.delete': {
    most: 'its name',
    input: () => ({ name: 'long' }),
    beyond: () => ({ name: TOO_LONG }),
    unless: NOT_THERE,
  },
  'policies.test': {
    most: 'a resource as large as a call may be',
    input: () => ({
      input: { resource: { list: Array.from({ length: 100_000 }, (_, n) => [n]) }, action: 'x'.repeat(128) },
    }),
    beyond: () => ({ input: { action: 'x'.repeat(129) } }),
  },
} as const satisfies Partial<Table>

const bindings = {
  'agents.list': nothing,
  'bindings.list': { ...nothing, input: () => ({ channel: 'whatsapp' as const }) },
  'bindings.get': idOnly(({ bindings: [id = ID] }) => ({ id }), { long: { id: TOO_LONG } }),
  'bindings.reorder': {
    most: 'as many as an org may have, the other way round',
    input: ({ bindings: ids }, n) => ({ order: n % 2 === 0 ? ids.toReversed() : [...ids] }),
    beyond: ({ bindings: ids }) => ({ order: [...ids, ID, TOO_LONG] }),
  },
  'bindings.create': {
    most: 'all that a rule may name',
    input: (_, n) => ({ agent: 'echo', match_rule: fullRule(n) }),
    beyond: () => ({ agent: 'echo', match_rule: { text_regex: 'x'.repeat(513) } }),
    unless: ['too_many_kept'],
  },
  'bindings.update': {
    most: 'all that a rule may name',
    input: ({ bindings: ids }, n) => ({ id: ids[n] ?? ID, agent: 'echo', match_rule: fullRule(n) }),
    beyond: ({ bindings: [id = ID] }) => ({ id, match_rule: { text_regex: 'x'.repeat(513) } }),
  },
  'bindings.explain': {
    most: `${LONGEST_TEXT} letters`,
    input: () => ({ message: { from: numberOf(0), text: LONG } }),
    beyond: () => ({ message: { from: numberOf(0), text: `${LONG}x` } }),
  },
  'bindings.replay': idOnly(({ messages: ids }, n) => ({ message_id: ids[n] ?? ID }), {
    long: { message_id: TOO_LONG },
  }),
  'bindings.delete': idOnly(({ bindings: ids }, n) => ({ id: ids.at(-1 - n) ?? ID }), { long: { id: TOO_LONG } }),
} as const satisfies Partial<Table>

/**
 * T5: the worst input that each procedure accepts. A procedure that is new fails the build until somebody decides what that is of
 * it. What begins a pairing comes last: from then on no number is linked.
 */
export const WORST_INPUTS: Table = { ...sends, ...messages, ...desk, ...policies, ...bindings, ...links }
