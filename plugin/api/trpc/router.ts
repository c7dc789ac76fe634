import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

import { approvals } from './approval-router.ts'
import { contacts } from './contact-router.ts'
import { loops } from './loop-router.ts'
import { policies } from './policy-router.ts'
import { problems } from './problem-router.ts'
import { agents, bindings } from './binding-router.ts'
import { channels } from './channel-router.ts'
import { router } from './procedure.ts'
import { turns } from './turn-router.ts'
import { takeovers } from './takeover-router.ts'
import { whatsapp } from './whatsapp-router.ts'

/** All calls of the channel, for REST, HTTP and WebSocket clients. */
export const appRouter = router({
  agents,
  approvals,
  problems,
  channels,
  contacts,
  loops,
  whatsapp,
  bindings,
  policies,
  takeovers,
  turns,
})

/** The router's type, all that a client needs of it. */
export type AppRouter = typeof appRouter
/** The inputs of the calls. */
export type RouterInputs = inferRouterInputs<AppRouter>
/** The outputs of the calls. */
export type RouterOutputs = inferRouterOutputs<AppRouter>
