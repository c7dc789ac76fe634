import { z } from 'zod'

import { instant } from './fields.ts'
import { type Problem, PROBLEM_CODES, type ProblemCode } from '../problem.ts'
import type { OrgId } from '../ids.ts'

/** One thing that is wrong with the channel although its links may be up; it disappears by itself once it is over. */
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
/** What `problems.watch` tells: all that is wrong now, the gravest first. */
export const problemsSchema = z.object({ problems: z.array(problemSchema) })

/** What a problem is in TypeScript. */
export type WireProblem = z.infer<typeof problemSchema>
/** What all of them are. */
export type WireProblems = z.infer<typeof problemsSchema>

/** What is wrong with the channel beside its links, as it was found last. */
export type ProblemOperations = {
  /** Of the org, and of all: the gravest first. */
  of(org: OrgId): readonly Problem[]
  /** The same now and at each change; skips to the newest when the reader is slow. */
  watch(org: OrgId, signal: AbortSignal): AsyncIterable<readonly Problem[]>
}
