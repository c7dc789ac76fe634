import type { WireKnownNumber } from '../api/contacts.ts'
import type { PolicyProblem } from '../policy.ts'

/** The details of some errors, besides code and sentence. */
export type ErrorDetails = {
  /** For `policy_refused`: the errors, with policy and place. */
  readonly problems?: readonly PolicyProblem[]
  /** For requests that exceed a limit: when to try again (RFC 3339). */
  readonly retry_at?: string
  /** For `lookup_budget`: the numbers that are known without asking WhatsApp. */
  readonly known?: readonly WireKnownNumber[]
  /** For `gateway_unreachable`: the reason. */
  readonly reason?: UnreachableReason
}

/** Why a call cannot reach WhatsApp now, each with a sentence about what an operator can do. */
export const UNREACHABLE = {
  not_started: 'The gateway process is not running. The log of the host shows why; the host starts it again by itself.',
  starting: 'The gateway process is starting. Retry in a moment.',
  account_opening: 'The account is being opened. Retry in a moment.',
  no_network:
    'The account is not connected to WhatsApp. GET /api/v1/channels shows why and when it reconnects; check that this host reaches https://web.whatsapp.com.',
  refused: 'WhatsApp did not answer, or refused the request. Retry in a minute.',
} as const satisfies Record<string, string>

/** The reason of a `gateway_unreachable` on the wire. */
export type UnreachableReason = keyof typeof UNREACHABLE

/** All reasons, in the order of the list above. */
export const UNREACHABLE_REASONS = Object.keys(UNREACHABLE) as [UnreachableReason, ...UnreachableReason[]]
