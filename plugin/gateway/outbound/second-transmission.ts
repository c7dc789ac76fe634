import type { AddressingMode } from '../kinds/jid.ts'
import type { Refusal } from '../tables/sent-messages.ts'

/** How long to wait for the token of a person who has written. */
export const TOKEN_PATIENCE_MS = 10_000
/** How soon to look for the token. Each further wait is as long as the time waited so far, up to the second of these. */
const FIRST_LOOK_MS = 250
const LONGEST_LOOK_MS = 2_000

/** The token is missing, or WhatsApp does not let the account begin a chat now. */
export const UNWANTED = 463
const MIXED_ADDRESSES = 400
const STALE_GROUP_MODE = 421
const BAD_ADDRESSING = 479

/** The refusals that can mean "the other address" (whatsapp-today.md §8). */
const MAY_MEAN_ADDRESS: ReadonlySet<number> = new Set([UNWANTED, MIXED_ADDRESSES, STALE_GROUP_MODE, BAD_ADDRESSING])

/** Whether a message that was refused with this code may be sent a second time. */
export const mayGoAgain = (code: number): boolean => MAY_MEAN_ADDRESS.has(code)

/** What is known when a refused direct message is looked at. */
export type Situation = {
  readonly now: number
  /** The modes of the person's known addresses. */
  readonly modes: readonly AddressingMode[]
  /** A mark of the person's token, if there is a valid one; else null. */
  readonly token: string | null
  /** Whether WhatsApp keeps the account from beginning new chats now. */
  readonly isLocked: boolean
  /** Whether the person has written to us. If so, they have given us a token, and it may be on its way. */
  readonly hasWritten: boolean
}

/** The next step: the message is sent a second time at this address, it waits for `forMs`, or its refusal is final. */
export type NextStep =
  | { readonly step: 'again'; readonly mode: AddressingMode }
  | { readonly step: 'wait'; readonly forMs: number }
  | { readonly step: 'final' }

/**
 * Decides the next step. The message is sent to the same address once a token has come that the first transmission did not carry.
 * It is sent to the other address when no token can be expected, or none came in time. A lock has nothing to do with addresses, and
 * writing again makes it longer (Baileys rc14, `handleBadAck`).
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

/** In how many ms to look again, after waiting `waitedMs`. */
function lookIn(waitedMs: number): number {
  const leftMs = TOKEN_PATIENCE_MS - waitedMs
  return Math.min(leftMs, Math.max(FIRST_LOOK_MS, Math.min(LONGEST_LOOK_MS, waitedMs)))
}
