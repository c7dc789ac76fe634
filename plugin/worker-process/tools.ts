import { patternTool } from '../patterns/search-tool.ts'
import { policyTool } from '../policy/policy-tool.ts'
import type { ToolName } from '../workers/work.ts'

/**
 * What workers can do, each by its name: a function that answers a message and the bytes beside it with something that is JSON,
 * whatever the message makes of it. It knows of nothing but what it is handed.
 */
export const TOOLS = { policies: policyTool, patterns: patternTool } satisfies Record<
  ToolName,
  (message: never, bytes: readonly Uint8Array[]) => unknown
>
