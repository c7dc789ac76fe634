import { NEVER, procedure, router } from './procedure.ts'
import { problemEvents } from './subscriptions.ts'

/** What is wrong with the channel beside its links. */
export const problems = router({
  watch: procedure({ role: 'viewer', action: 'problem.watch' }).subscription(({ ctx, signal = NEVER }) =>
    problemEvents(ctx, signal),
  ),
})
