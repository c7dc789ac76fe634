import { NEVER, procedure, router } from './procedure.ts'
import { problemEvents } from './subscriptions.ts'

/** The calls about problems of the channel other than its links. */
export const problems = router({
  watch: procedure({ role: 'viewer', action: 'problem.watch' }).subscription(({ ctx, signal = NEVER }) =>
    problemEvents(ctx, signal),
  ),
})
