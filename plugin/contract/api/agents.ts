import { z } from 'zod'
import type { OrgId } from '../ids.ts'

/** The response to `GET /agents`: the agents that bindings can name. It is no error if the host does not list them. */
export const agentListResponse = z.object({
  known: z.boolean().meta({
    description: 'Whether the host says which agents it has; "false" also when it failed to, or took too long',
  }),
  agents: z.array(z.object({ name: z.string() })).meta({ description: 'As a binding names them; at most 500' }),
  more: z.boolean().meta({ description: 'Whether there are others: beyond 500, or of a name that cannot be shown' }),
})

/** The same in TypeScript. */
export type WireAgentList = z.infer<typeof agentListResponse>

/** The agents that bindings can name. */
export type AgentOperations = {
  /** The agents that could answer, as far as the host lists them. Never throws. */
  list(org: OrgId): Promise<WireAgentList>
}
