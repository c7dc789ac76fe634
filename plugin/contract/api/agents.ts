import { z } from 'zod'

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
