import { initTRPC } from '@trpc/server'
import superjson from 'superjson'

import { auditEffect, authorized } from './authorization.ts'
import { refusalOf, refusalShape } from './error-shape.ts'
import { mintRequestId, type RequestContext } from './request-context.ts'

const trpc = initTRPC.context<RequestContext>().create({
  transformer: superjson,
  // Otherwise the stack is sent along wherever NODE_ENV is not "production".
  isDev: false,
  // Subscriptions are served over WebSockets only: there is no holding back of a slow reader of an event stream.
  sse: { enabled: false },
  errorFormatter: ({ error, ctx }) => refusalShape(refusalOf(error), ctx?.requestId ?? mintRequestId()),
})

/** The signal of subscriptions in this process, where nobody can hang up. */
export const NEVER: AbortSignal = new AbortController().signal

/** Makes a router, or a part of one. */
export const router = trpc.router

/** A procedure for those whom roles and policies admit, asked before any input is looked at. */
export const procedure = trpc.procedure.use(async ({ ctx, path, type, next }) => {
  const principal = await authorized(ctx, { path, type })
  const result = await next({ ctx: { principal } })
  if (result.ok) await auditEffect(ctx, principal, { path, answer: result.data })
  ctx.outflow?.enforce()
  return result
})
