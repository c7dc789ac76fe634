import { turnListRequest, turnListResponse, turnPath, turnRetryRequest, turnSchema } from '../../contract/api/turns.ts'
import { accountNamed } from './account-param.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { shownTurn, turnEvents } from './subscriptions.ts'
import { wireTurn } from '../../views/api-state.ts'

/** The calls about turns: what agents were asked. */
export const turns = router({
  list: procedure({
    role: 'viewer',
    action: 'turn.list',
    rest: {
      call: 'GET /turns',
      summary: 'The turns of the agents, newest first; those that wait for a person by their status',
      refusals: ['not_found'],
    },
  })
    .input(turnListRequest)
    .output(turnListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const { status = null, limit, before = null } = input
      const page = { account: accountNamed(input.account), status, limit, before }
      return {
        turns: (await operations.turns.list(principal.org, page)).map(turn => shownTurn(wireTurn(turn), principal)),
      }
    }),
  watch: procedure({ role: 'viewer', action: 'turn.watch' }).subscription(({ ctx, signal = NEVER }) =>
    turnEvents(ctx, signal),
  ),
  retry: procedure({
    role: 'admin',
    action: 'turn.retry',
    audited: 'chat',
    rest: {
      call: 'POST /turns/:id/retry',
      summary: 'Lets a turn that waits for a person go on behind its recorded steps',
      refusals: ['not_found', 'turn_not_waiting'],
    },
  })
    .input(turnRetryRequest)
    .output(turnSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) =>
      wireTurn(await operations.turns.retry(principal.org, input.id, input.step)),
    ),
  cancel: procedure({
    role: 'admin',
    action: 'turn.cancel',
    audited: 'chat',
    rest: {
      call: 'POST /turns/:id/cancel',
      summary: 'Ends a turn that is not over; what it has said stays said',
      refusals: ['not_found', 'turn_over'],
    },
  })
    .input(turnPath)
    .output(turnSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) =>
      wireTurn(await operations.turns.cancel(principal.org, input.id)),
    ),
})
