import type { AddressingMode } from '../kinds/jid.ts'
import type { Refusal } from '../tables/sent-messages.ts'

/** How long the token of somebody who has written is waited for. */
export const TOKEN_PATIENCE_MS = 10_000
/** How soon it is looked for, and then half as often each time, up to the second of these. */
const FIRST_LOOK_MS = 250
const LONGEST_LOOK_MS = 2_000

/** For want of a token, or because WhatsApp lets the account not begin a chat now. */
export const UNWANTED = 463
const MIXED_ADDRESSES = 400
const STALE_GROUP_MODE = 421
const BAD_ADDRESSING = 479

/** The refusals that can mean "the other address" (whatsapp-today.md §8). */
const MAY_MEAN_ADDRESS: ReadonlySet<number> = new Set([UNWANTED, MIXED_ADDRESSES, STALE_GROUP_MODE, BAD_ADDRESSING])

/** Whether a message that was refused so may go out a second time. */
export const mayGoAgain = (code: number): boolean => MAY_MEAN_ADDRESS.has(code)

/** What is known when a direct message that was refused once is looked at. */
export type Situation = {
  readonly now: number
  /** The addresses of the person. */
  readonly modes: readonly AddressingMode[]
  /** A mark of their token, when there is one that holds; null when not. */
  readonly token: string | null
  /** Whether WhatsApp lets the account begin no new chats now. */
  readonly isLocked: boolean
  /** Whether they have written to us: then they have given us a token, and it may be on its way. */
  readonly hasWritten: boolean
}

/** What comes of it: it goes out a second time at this address, it waits so long, or its refusal is final. */
export type NextStep =
  | { readonly step: 'again'; readonly mode: AddressingMode }
  | { readonly step: 'wait'; readonly forMs: number }
  | { readonly step: 'final' }

/**
 * At the same address once a token came that the first one did not carry; at the other one when none is to be waited for, or
 * none came in time. A lock is no matter of addresses, and writing again makes it longer (Baileys rc14, `handleBadAck`).
 */
export function nextStep({ code, at, mode, carried }: Refusal, situation: Situation): NextStep {
  const { now, modes, token, isLocked, hasWritten } = situation
  const other = modes.find(each => each !== mode)
  const atOther: NextStep = other ? { step: 'again', mode: other } : { step: 'final' }
  if (code !== UNWANTED) return atOther
  if (isLocked) return { step: 'final' }
  if (token !== null && token !== carried && mode !== null) return { step: 'again', mode }
  const waitedMs = Math.max(0, now - at)
  const isAwaited = hasWritten && (carried === null || !other) && waitedMs < TOKEN_PATIENCE_MS
  return isAwaited ? { step: 'wait', forMs: lookIn(waitedMs) } : atOther
}

/** When to look again, after so long. */
function lookIn(waitedMs: number): number {
  const leftMs = TOKEN_PATIENCE_MS - waitedMs
  return Math.min(leftMs, Math.max(FIRST_LOOK_MS, Math.min(LONGEST_LOOK_MS, waitedMs)))
}
