import type { RouterInputs } from '../../plugin/api/trpc/router.ts'
import type { CreatedBinding, WireBinding } from '../../plugin/contract/api/bindings.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import type { OptionValues } from '../command/options.ts'
import { namingAgent } from './agents.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'

type Rule = RouterInputs['bindings']['create']['match_rule']

const RULE_OPTIONS = {
  from: 'messages of this person',
  to: 'messages to this linked number',
  group: 'messages in this group, or in the direct chat with this person',
  'text-regex': 'texts that match this pattern (RE2)',
  'chat-type': 'messages in such chats',
  mentioned: 'messages that mention or answer the linked number',
  forwarded: 'messages that their sender marks as forwarded',
} as const

/** The rule from the options; null if no rule option is given. */
function ruleOf(options: OptionValues): Rule | null {
  const rule = {
    from: options.from,
    to: options.to,
    group: options.group,
    text_regex: options['text-regex'],
    chat_type: options['chat-type'],
    mentioned: options.mentioned,
    forwarded: options.forwarded,
  }
  const given = Object.entries(rule).filter(([, value]) => value !== undefined)
  return given.length === 0 ? null : (Object.fromEntries(given) as Rule)
}

/** A rule on one line: `from +972500000002, chat_type direct`. */
export function writtenRule(rule: WireBinding['match_rule']): string {
  const clauses = Object.entries(rule).map(([key, value]) => `${key} ${String(value)}`)
  return clauses.length === 0 ? 'everything' : clauses.join(', ')
}

const HEADING = ['', 'id', 'agent', 'answers', '']

/** What WhatsApp reported about the numbers that a rule names. */
function numbersIn({
  match_rule: rule,
  spelled,
  not_known_yet: unknown,
  not_on_whatsapp: absent,
}: WireBinding): string[] {
  const isIn = Object.entries(spelled ?? {}).map(([key, number]) => `${key} is ${number} on WhatsApp`)
  const all = (keys: typeof unknown) => keys?.map(key => rule[key] ?? '') ?? []
  return [
    ...isIn,
    ...all(unknown).map(number => `${number} not known to WhatsApp yet`),
    ...all(absent).map(number => `${number} not on WhatsApp`),
  ]
}

const rowOf = (binding: WireBinding): string[] => {
  const { id, agent, match_rule, enabled, conversation, position } = binding
  const remarks = [
    ...(enabled ? [] : ['disabled']),
    ...(binding.suspended_at === undefined ? [] : ['suspended: its pattern takes too long, save it again']),
    ...(conversation === 'chat' ? [] : ['one conversation per participant']),
    ...numbersIn(binding),
  ]
  return [String(position), id, agent, writtenRule(match_rule), remarks.join(', ')]
}

const tableOf = (bindings: readonly WireBinding[]): string[] =>
  bindings.length === 0 ? ['There are no bindings.'] : inColumns([HEADING, ...bindings.map(rowOf)])

function showOne(call: HostCall, binding: CreatedBinding): ExitCode {
  show(call, binding, each => tableOf([each]))
  if (binding.warning !== undefined) call.terminal.err.write(`${plainLine(binding.warning)}\n`)
  return EXIT.done
}

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.bindings.list.query(), ({ bindings }) => tableOf(bindings))
  return EXIT.done
}

async function create(call: HostCall): Promise<ExitCode> {
  const { client, options, words } = call
  const [agent = ''] = words
  const { conversation, disable } = options
  const more = { ...(conversation !== undefined && { conversation }), ...(disable === true && { enabled: false }) }
  const asked = client.bindings.create.mutate({ agent, match_rule: ruleOf(options) ?? {}, ...more })
  return showOne(call, await namingAgent(call, asked))
}

async function update(call: HostCall): Promise<ExitCode> {
  const { client, options, terminal, words } = call
  const [id = ''] = words
  const { agent, conversation, disable, enable, version } = options
  if (disable === true && enable === true) return calledWrongly(terminal, 'Give one of --enable and --disable.')
  const rule = ruleOf(options)
  const change = {
    ...(agent !== undefined && { agent }),
    ...(rule && { match_rule: rule }),
    ...(conversation !== undefined && { conversation }),
    ...((enable ?? disable) === true && { enabled: enable === true }),
  }
  if (Object.keys(change).length === 0) return calledWrongly(terminal, 'Say what to change.')
  const seen = version === undefined ? {} : { version: Number(version) }
  return showOne(call, await namingAgent(call, client.bindings.update.mutate({ id, ...change, ...seen })))
}

async function remove(call: HostCall): Promise<ExitCode> {
  const [id = ''] = call.words
  show(call, await call.client.bindings.delete.mutate({ id }), answer => [`${answer.status} ${answer.id}`])
  return EXIT.done
}

async function reorder(call: HostCall): Promise<ExitCode> {
  const answer = await call.client.bindings.reorder.mutate({ order: [...call.words] })
  show(call, answer, ({ bindings }) => tableOf(bindings))
  for (const { id, warning } of answer.bindings)
    if (warning !== undefined) call.terminal.err.write(`${id}: ${plainLine(warning)}\n`)
  return EXIT.done
}

async function replay(call: HostCall): Promise<ExitCode> {
  const [message_id = ''] = call.words
  const answer = await call.client.bindings.replay.mutate({ message_id })
  show(call, answer, ({ outcome, binding_id }) => [binding_id === null ? outcome : `${outcome} by ${binding_id}`])
  return EXIT.done
}

/** The commands to manage which agent answers which messages. */
export const BINDINGS: readonly Command[] = [
  {
    name: 'bindings list',
    parameters: [],
    summary: 'lists which agent answers which messages; the first match answers',
    options: {},
    examples: ['bindings list', 'bindings list --json'],
    place: 'host',
    run: list,
  },
  {
    name: 'bindings create',
    parameters: ['<agent>'],
    summary: 'lets an agent answer the messages that match a rule; without a rule, all',
    options: {
      ...RULE_OPTIONS,
      conversation: 'in groups one conversation for all, or one for each participant',
      disable: 'it is skipped until it is enabled',
    },
    examples: ['bindings create echo --from +972500000002', "bindings create default --text-regex '(?i)invoice'"],
    place: 'host',
    run: create,
  },
  {
    name: 'bindings update',
    parameters: ['<id>'],
    summary: 'changes a binding; a new rule replaces the whole old one',
    options: {
      agent: 'another agent',
      ...RULE_OPTIONS,
      conversation: 'in groups one conversation for all, or one for each participant',
      enable: 'it answers again',
      disable: 'it is skipped',
      version: 'refused if the binding has another version by now',
    },
    examples: ['bindings update bnd_01J00000000000000000000000 --disable'],
    place: 'host',
    run: update,
  },
  {
    name: 'bindings delete',
    parameters: ['<id>'],
    summary: 'removes one',
    options: {},
    examples: ['bindings delete bnd_01J00000000000000000000000'],
    place: 'host',
    run: remove,
  },
  {
    name: 'bindings reorder',
    parameters: ['<id>…'],
    summary: 'sets the order of all bindings',
    options: {},
    examples: ['bindings reorder bnd_01J00000000000000000000001 bnd_01J00000000000000000000000'],
    place: 'host',
    run: reorder,
  },
  {
    name: 'bindings replay',
    parameters: ['<message>'],
    summary: 'matches a message again that no binding matched',
    options: {},
    examples: ['bindings replay msg_01J00000000000000000000000'],
    place: 'host',
    run: replay,
  },
]
