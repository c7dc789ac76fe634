import { z } from 'zod'

import type { Tool, ToolArguments } from '../agent-loop.ts'
import type { ModelCall, ModelTool } from '../model/model.ts'
import { restart, status } from './incident-tools.ts'

type Offered = { readonly tool: Tool; readonly description: string; readonly given: z.ZodType<ToolArguments> }

const OFFERED: readonly Offered[] = [
  { tool: status, description: 'Reads which services are up.', given: z.strictObject({}) },
  {
    tool: restart,
    description: 'Restarts one service. It changes something, and may need the approval of a person.',
    given: z.strictObject({ name: z.string().min(1).max(64).describe('The service, as service_status names it') }),
  },
]

/** Endpoints allow no dots in tool names. */
const nameOf = ({ name }: Tool): string => name.replaceAll('.', '_')

function offer({ tool, description, given }: Offered): ModelTool {
  const { $schema: _schema, ...parameters } = z.toJSONSchema(given)
  return { type: 'function', function: { name: nameOf(tool), description, parameters } }
}

/** The tools that the model may call. */
export const OFFERED_TOOLS: readonly ModelTool[] = OFFERED.map(offer)

/** A valid call, or the error text for the model. */
export type ReadCall = { readonly tool: Tool; readonly given: ToolArguments } | { readonly fault: string }

/** Parses and validates a model's tool call. */
export function readCall({ name, arguments: written }: ModelCall): ReadCall {
  const offered = OFFERED.find(({ tool }) => nameOf(tool) === name)
  if (!offered) {
    const names = OFFERED.map(({ tool }) => nameOf(tool)).join(', ')
    return { fault: `Nothing was done: there is no such tool. There are: ${names}.` }
  }
  const given = offered.given.safeParse(objectIn(written))
  if (!given.success)
    return { fault: 'Nothing was done: the arguments are not one JSON object that fits the schema of this tool.' }
  return { tool: offered.tool, given: given.data }
}

/** Parses the arguments. Some models write an empty text for no arguments. */
function objectIn(written: string): unknown {
  try {
    return written.trim() === '' ? {} : JSON.parse(written)
  } catch {
    return null
  }
}
