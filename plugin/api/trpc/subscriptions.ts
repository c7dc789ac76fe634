import { tracked, type TrackedEnvelope } from '@trpc/server'

import type { WireCalled, WireCourse } from '../../contract/api/message-trace.ts'
import type { WireProblems } from '../../contract/api/problems.ts'
import type { SendChange, SendStatus } from '../../contract/api/sends.ts'
import type { WireTransfer } from '../../contract/api/media.ts'
import type { WireTurn } from '../../contract/api/turns.ts'
import type { WirePairing } from '../../contract/api/pairing.ts'
import type { WireMessage } from '../../contract/api/messages.ts'
import type { WireLink } from '../../contract/api/channels.ts'
import { isUp } from '../../contract/connection.ts'
import type { Principal } from '../../contract/host.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { RequestContext } from '../auth/request-context.ts'
import { mayPair, mayReadCalls, mayReadTexts } from '../auth/roles.ts'
import { wireChange, wireConnection, wirePairing, wireProblem, wireTurn } from '../../views/api-state.ts'
import { showNumber } from '../auth/confirm-link.ts'

/** The context of a call with a known caller. */
export type CallContext = RequestContext & { readonly principal: Principal }

/** A message as shown to this caller. */
export function shownMessage(message: WireMessage, principal: Principal): WireMessage {
  if (mayReadTexts(principal)) return message
  // File names are the sender's words too.
  const unnamed = (files: WireMessage['media']) => files.map(file => ({ ...file, file_name: null }))
  const { quoted, media } = message
  const shown = quoted && { ...quoted, text: null, media: unnamed(quoted.media) }
  return {
    ...message,
    sender_name: null,
    group_subject: null,
    text: null,
    details: null,
    quoted: shown,
    media: unnamed(media),
  }
}

/** A turn as shown to this caller. */
export const shownTurn = (turn: WireTurn, principal: Principal): WireTurn =>
  mayReadCalls(principal) ? turn : { ...turn, failure: null }

/** A message's course as shown to this caller. */
export function shownCourse(course: WireCourse, principal: Principal): WireCourse {
  const shown = (called: WireCalled): WireCalled => {
    const by = called.decided_by
    return { ...called, decided_by: by && { ...by, you: by.user_id === principal.user } }
  }
  const steps = course.steps.map(step => ({
    ...step,
    called: step.called && mayReadCalls(principal) ? shown(step.called) : null,
  }))
  return { ...course, turn: course.turn && shownTurn(course.turn, principal), steps }
}

/**
 * Yields each message once, in order, under its number in the org's stream. A reader that reconnects with the last number it saw
 * continues after it, whatever happened in between. Reads nothing from the store while the reader lags.
 */
export async function* messageEvents(
  ctx: CallContext,
  lastEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<TrackedEnvelope<WireMessage>, void> {
  const after = lastEventId === null ? null : Number(lastEventId)
  for await (const { seq, message } of ctx.operations.messages.watch(ctx.principal.org, after, signal)) {
    yield tracked(String(seq), shownMessage(message, ctx.principal))
    await ctx.socket?.outflow.room(signal)
  }
}

/** A send as shown to this caller. */
export const shownSend = <Send extends SendStatus>(send: Send, principal: Principal): Send =>
  mayReadTexts(principal) ? send : { ...send, to_name: null }

/**
 * Yields each status change of each send once, in order, under its number. A reader that reconnects continues after the last one it
 * saw.
 */
export async function* sendEvents(
  ctx: CallContext,
  lastEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<TrackedEnvelope<SendChange>, void> {
  const after = lastEventId === null ? null : Number(lastEventId)
  for await (const { seq, change } of ctx.operations.deliveries.watch(ctx.principal.org, after, signal)) {
    yield tracked(String(seq), wireChange(change))
    await ctx.socket?.outflow.room(signal)
  }
}

/** Yields the state of a pairing now and at each change; ends after a final state. */
export async function* pairingEvents(
  ctx: CallContext,
  session: string,
  signal: AbortSignal,
): AsyncGenerator<WirePairing, void> {
  const { org } = ctx.principal
  for await (const pairing of ctx.operations.pairings.watch(org, session, signal)) {
    const { account, state } = pairing
    if (state.status === 'connected') await showNumber(ctx, { org, account }, state.phone)
    yield await wirePairing(pairing, mayPair(ctx.principal))
    await ctx.socket?.outflow.room(signal)
  }
}

/** Yields all problems other than links, now and at each change. */
export async function* problemEvents(ctx: CallContext, signal: AbortSignal): AsyncGenerator<WireProblems, void> {
  for await (const problems of ctx.operations.problems.watch(ctx.principal.org, signal)) {
    yield { problems: problems.map(wireProblem) }
    await ctx.socket?.outflow.room(signal)
  }
}

/** Yields the progress of files while they are received or sent. */
export async function* transferEvents(ctx: CallContext, signal: AbortSignal): AsyncGenerator<WireTransfer, void> {
  for await (const { account, messageId, direction, doneBytes, totalBytes } of ctx.operations.transfers.watch(
    ctx.principal.org,
    signal,
  )) {
    yield { account, message_id: messageId, direction, done_bytes: doneBytes, total_bytes: totalBytes }
    await ctx.socket?.outflow.room(signal)
  }
}

/**
 * Yields a turn each time its status changes, from now on. A slow reader misses intermediate states of a turn, but never the
 * latest.
 */
export async function* turnEvents(ctx: CallContext, signal: AbortSignal): AsyncGenerator<WireTurn, void> {
  for await (const turn of ctx.operations.turnFeed.watch(ctx.principal.org, signal)) {
    yield shownTurn(wireTurn(turn), ctx.principal)
    await ctx.socket?.outflow.room(signal)
  }
}

/** Yields the state of an account's link now and at each change. */
export async function* connectionEvents(
  ctx: CallContext,
  key: AccountKey,
  signal: AbortSignal,
): AsyncGenerator<WireLink, void> {
  for await (const state of ctx.operations.connections.watch(key, signal)) {
    if (isUp(state)) await showNumber(ctx, key, state.phone)
    yield { account: key.account, ...wireConnection(state) }
    await ctx.socket?.outflow.room(signal)
  }
}
