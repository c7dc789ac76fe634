import { z } from 'zod'
import type { OrgId } from '../ids.ts'

/** The answer to `GET /agents`: who could answer. That the host does not tell is no error. */
export const agentListResponse = z.object({
  known: z.boolean().meta({
    description: 'Whether the host says which agents it has; "false" also when it failed to, or took too long',
  }),
  agents: z.array(z.object({ name: z.string() })).meta({ description: 'As a binding names them; at most 500' }),
  more: z.boolean().meta({ description: 'Whether there are others: beyond 500, or of a name that cannot be shown' }),
})

/** What it is in TypeScript. */
export type WireAgentList = z.infer<typeof agentListResponse>

/** The agents that bindings can name. */
export type AgentOperations = {
  /** Which agents could answer, as far as the host says so. Never throws. */
  list(org: OrgId): Promise<WireAgentList>
}
