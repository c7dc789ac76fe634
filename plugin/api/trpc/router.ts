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

/** Every call of the channel. REST, HTTP and WebSocket clients all end here. */
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

/** The calls as types, which is all that a client needs of them. */
export type AppRouter = typeof appRouter
/** What each call takes. */
export type RouterInputs = inferRouterInputs<AppRouter>
/** What each call gives. */
export type RouterOutputs = inferRouterOutputs<AppRouter>
