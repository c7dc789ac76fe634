import { patternTool } from '../patterns/search-tool.ts'
import { policyTool } from '../policy/policy-tool.ts'
import type { ToolName } from '../workers/job.ts'

/**
 * The tools of workers, by name. Each is a function that answers a message and the bytes beside it with a JSON value, even if the
 * message is malicious. It uses nothing but its arguments.
 */
export const TOOLS = { policies: policyTool, patterns: patternTool } satisfies Record<
  ToolName,
  (message: never, bytes: readonly Uint8Array[]) => unknown
>
