import { initTRPC } from '@trpc/server'

import type { CallRule } from '../auth/call-rule.ts'
import { auditEffect, authorized } from '../auth/authorization.ts'
import { refusalOf, refusalShape } from '../http/error-shape.ts'
import { mintRequestId, type RequestContext } from '../auth/request-context.ts'
import { WIRE_JSON } from '../http/wire-json.ts'

const trpc = initTRPC
  .context<RequestContext>()
  .meta<CallRule>()
  .create({
    transformer: WIRE_JSON,
    // Otherwise tRPC sends stack traces unless NODE_ENV is "production".
    isDev: false,
    // Subscriptions are served over WebSockets only: a slow reader of an event stream cannot be held back.
    sse: { enabled: false },
    errorFormatter: ({ error, ctx }) => refusalShape(refusalOf(error), ctx?.requestId ?? mintRequestId()),
  })

/** The signal of in-process subscriptions, which nobody can abort. */
export const NEVER: AbortSignal = new AbortController().signal

/** Creates a router, or a part of one. */
export const router = trpc.router

/** Calls `ended` once a subscription has ended for any reason. */
async function* until<Event>(events: AsyncIterable<Event>, ended: () => void): AsyncGenerator<Event> {
  try {
    yield* events
  } finally {
    ended()
  }
}

const admitted = trpc.procedure.use(async ({ ctx, path, type, meta = null, next, signal }) => {
  const { socket } = ctx
  ctx.calls?.take()
  const isSubscription = type === 'subscription'
  const leave = (isSubscription ? socket?.subscriptions.take() : socket?.inflow.enter()) ?? ((): void => undefined)
  // A subscription stopped before its first event never starts the generator, so only the signal frees its slot.
  if (isSubscription) signal?.addEventListener('abort', leave)
  let isUnderWay = false
  try {
    const call = { path, type, rule: meta }
    const principal = await authorized(ctx, call)
    const result = await next({ ctx: { principal } })
    if (result.ok) await auditEffect(ctx, principal, { call, answer: result.data })
    socket?.outflow.enforce()
    if (!result.ok || !isSubscription) return result
    isUnderWay = true
    return { ...result, data: until(result.data as AsyncIterable<unknown>, leave) }
  } finally {
    if (!isUnderWay) leave()
  }
})

/** A procedure for callers that its rule and their org's policies permit; checked before the input is parsed. */
export const procedure = (rule: CallRule) => admitted.meta(rule)
