import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { Turn } from '../../../plugin/contract/host.ts'
import type { Agent, AgentStep, Tool, ToolOutcome } from '../agent-loop.ts'
import type { ModelEndpoint } from '../model/endpoint.ts'
import type { Completion, ModelMessage, ModelQuestion } from '../model/model.ts'
import { openingOf } from './assistant-prompt.ts'
import { fenceOf, fenceWord } from './fence.ts'
import { OFFERED_TOOLS, readCall } from './offered-tools.ts'

const ROUNDS_MOST = 8
/** After this many invalid calls the model may call no more tools. */
const FAULTS_MOST = 3

/** What the assistant needs. */
export type AssistantParts = {
  readonly model: Pick<ModelEndpoint, 'complete'>
  /** A secret that outsiders do not know; the word of each turn's fence is derived from it. */
  readonly secret: string
}

type Steps<Result> = Generator<AgentStep, Result, ToolOutcome | undefined>

/**
 * Answers with a language model that may call tools. Each completion is a step of the turn, so a retried attempt reuses the
 * completions of the previous attempt and asks the model only for new ones.
 */
export function assistant({ model, secret }: AssistantParts): Agent {
  return async function* (turn) {
    const fence = fenceOf(fenceWord(secret, turn))
    const opening = openingOf(turn, fence)
    const course: ModelMessage[] = []
    let said = ''
    let calling = true
    for (let round = 1, faults = 0; calling; round += 1) {
      const mayCall = round < ROUNDS_MOST && faults < FAULTS_MOST
      const question = { messages: [...opening, ...course], tools: OFFERED_TOOLS, mayCall }
      const completion = yield* complete({ model, turn, question }, { round, course })
      if (completion.text.trim() !== '') said = completion.text
      calling = completion.calls.length > 0
      if (calling && !mayCall) break
      if (calling) faults += yield* makeCalls(completion, course)
    }
    if (said !== '') yield { kind: 'reply', reply: fence.without(said) }
    else if (calling) throw new Error('the model does nothing but call tools')
  }
}

const completionSchema = z.object({
  text: z.string(),
  calls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })),
})

type Asking = { readonly model: AssistantParts['model']; readonly turn: Turn; readonly question: ModelQuestion }
type Course = { readonly round: number; readonly course: readonly ModelMessage[] }

/**
 * Asks the model, as a step of the turn. The step is identified by the round and a hash of the turn's course so far. The earlier
 * conversation is not part of the hash, because people may edit or delete its messages in the meantime.
 */
function* complete({ model, turn, question }: Asking, { round, course }: Course): Steps<Completion> {
  const tool: Tool = {
    name: 'model.complete',
    effect: 'read',
    idempotent: true,
    run: async () => JSON.stringify(await model.complete(question, turn)),
  }
  const hash = createHash('sha256').update(JSON.stringify(course)).digest('hex')
  const outcome = yield { kind: 'tool', tool, given: { round: String(round), course: hash } }
  if (outcome?.outcome !== 'done') throw new Error('the model may not be asked')
  return completionSchema.parse(JSON.parse(outcome.result))
}

/** Makes the calls of a completion and adds their results to the course. Returns how many calls were invalid. */
function* makeCalls({ text, calls }: Completion, course: ModelMessage[]): Steps<number> {
  const called = calls.map(({ id, ...call }) => ({ id, type: 'function' as const, function: call }))
  course.push({ role: 'assistant', content: text, tool_calls: called })
  let faults = 0
  for (const call of calls) {
    const read = readCall(call)
    if ('fault' in read) faults += 1
    const content = 'fault' in read ? read.fault : told(yield { kind: 'tool', ...read })
    course.push({ role: 'tool', tool_call_id: call.id, content })
  }
  return faults
}

function told(outcome: ToolOutcome | undefined): string {
  if (outcome?.outcome !== 'done') return `Nothing was done: ${outcome?.reason ?? 'nobody answered'}.`
  return outcome.result === '' ? 'A person passed it over: nobody knows what came of it.' : outcome.result
}
