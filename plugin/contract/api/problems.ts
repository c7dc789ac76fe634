import { z } from 'zod'

import { instant } from './fields.ts'
import { type Problem, PROBLEM_CODES, type ProblemCode } from '../problem.ts'
import type { OrgId } from '../ids.ts'

/** A problem of the channel that can exist although its links are up; it disappears by itself once it is over. */
export const problemSchema = z.object({
  code: z.enum(PROBLEM_CODES as [ProblemCode, ...ProblemCode[]]),
  account: z.string().nullable().meta({ description: 'The account that it is about; null: every one' }),
  agent: z.string().nullable().meta({ description: 'The agent that it is about; null: none' }),
  count: z
    .int()
    .nullable()
    .meta({ description: 'How many messages, turns or failures it is about; null when it is not about a number' }),
  cause: z.string().nullable().meta({
    description:
      'What the system, SQLite or the server of the files calls it, such as "ENOSPC"; null when it does not say',
  }),
  since: instant,
  says: z.string().meta({ description: 'What is wrong, for a person' }),
  todo: z.string().meta({ description: 'What a person can do' }),
})
/** What `problems.watch` sends: all current problems, the gravest first. */
export const problemsSchema = z.object({ problems: z.array(problemSchema) })

/** A problem in TypeScript. */
export type WireProblem = z.infer<typeof problemSchema>
/** All current problems. */
export type WireProblems = z.infer<typeof problemsSchema>

/** The problems of the channel, apart from its links, as last detected. */
export type ProblemOperations = {
  /** The problems of the org and of the whole host, the gravest first. */
  of(org: OrgId): readonly Problem[]
  /** The same now and at each change; a slow reader skips to the newest. */
  watch(org: OrgId, signal: AbortSignal): AsyncIterable<readonly Problem[]>
}
