import type { RouterInputs } from '../../plugin/api/trpc/router.ts'
import type { WirePolicyList, WirePolicyTrial } from '../../plugin/contract/api/policies.ts'
import { plainText } from '../../plugin/contract/plain-text.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { type Colour, type Paint, paintFor } from '../terminal/colour.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'
import { writtenFile } from '../terminal/written-text.ts'

type TestInput = RouterInputs['policies']['test']['input']

const HEADING = ['name', 'kind', 'bytes']

function listLines({ status, policies, problems }: WirePolicyList): string[] {
  const rows = policies.map(({ name, kind, size_bytes }) => [name, kind, String(size_bytes)])
  const wrong = problems.map(({ file, row, column, message }) => {
    const place = [file, row, column].filter(part => part !== null && part !== '').join(':')
    return `${place === '' ? '' : `${place}: `}${message}`
  })
  return [status, ...(rows.length === 0 ? [] : inColumns([HEADING, ...rows])), ...wrong]
}

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.policies.list.query(), listLines)
  return EXIT.done
}

async function get(call: HostCall): Promise<ExitCode> {
  const [name = ''] = call.words
  const answer = await call.client.policies.get.query({ name })
  show(call, answer, () => [plainText(answer.source.replace(/\n$/, ''))])
  return EXIT.done
}

async function put(call: HostCall): Promise<ExitCode> {
  const [name = '', path = ''] = call.words
  const source = await writtenFile(call.terminal, path)
  const answer = await call.client.policies.put.mutate({ name, source })
  show(call, answer, ({ status }) => [`${status} ${name}`])
  return EXIT.done
}

async function remove(call: HostCall): Promise<ExitCode> {
  const [name = ''] = call.words
  show(call, await call.client.policies.delete.mutate({ name }), ({ status }) => [`${status} ${name}`])
  return EXIT.done
}

const COLOURS: Readonly<Record<WirePolicyTrial['decision'], Colour>> = {
  allow: 'green',
  approval_required: 'yellow',
  deny: 'red',
  unjudged: 'dim',
}

function trialLines({ decision, rules, reason, took_ms }: WirePolicyTrial, paint: Paint): string[] {
  const fired = inColumns(rules.map(({ rule, message }) => [`  ${rule}`, message]))
  return [
    `${paint(COLOURS[decision], decision)} in ${took_ms.toFixed(2)} ms`,
    ...(reason === null ? [] : [`  ${reason}`]),
    ...fired,
  ]
}

async function test(call: HostCall): Promise<ExitCode> {
  const { client, terminal, words } = call
  let input: unknown
  try {
    input = JSON.parse(await writtenFile(terminal, words[0] ?? '-'))
  } catch (error) {
    if (error instanceof SyntaxError) return calledWrongly(terminal, 'The input is not JSON.')
    throw error
  }
  const paint = paintFor(terminal)
  // The host's schema validates the input and names what is wrong with it.
  show(call, await client.policies.test.query({ input: input as TestInput }), trial => trialLines(trial, paint))
  return EXIT.done
}

/** The commands to test and change policies. */
export const POLICIES: readonly Command[] = [
  {
    name: 'policies list',
    parameters: [],
    summary: 'lists the policies, whether they are in force, and their errors',
    options: {},
    examples: ['policies list'],
    place: 'host',
    run: list,
  },
  {
    name: 'policies get',
    parameters: ['<name>'],
    summary: 'prints the source of a policy',
    options: {},
    examples: ['policies get tools > tools.rego'],
    place: 'host',
    run: get,
  },
  {
    name: 'policies put',
    parameters: ['<name>', '<file>'],
    summary: 'activates a policy, or shows where it does not compile',
    details: ['The file "-" reads standard input.'],
    options: {},
    examples: ['policies put tools tools.rego'],
    place: 'host',
    run: put,
  },
  {
    name: 'policies delete',
    parameters: ['<name>'],
    summary: 'removes one',
    options: {},
    examples: ['policies delete tools'],
    place: 'host',
    run: remove,
  },
  {
    name: 'policies test',
    parameters: ['[file]'],
    summary: 'shows what would be decided for an input, and by which rules',
    details: [
      'The input is JSON with subject, action, resource, context and env, from a file or standard input; missing',
      'fields are those of a viewer who writes on WhatsApp. Ends with 0 for any decision.',
    ],
    options: {},
    examples: [
      'policies test input.json',
      `echo '{"resource":{"tool":"service.restart","tool_effect":"write"}}' | agentcy-whatsapp policies test`,
    ],
    place: 'host',
    run: test,
  },
]
