/** The checks of WhatsApp itself without a link, in this order; each is the name of its output line. */
export const LIVE_CHECKS = ['name', 'reach', 'version', 'socket', 'certificate', 'offer'] as const
/**
 * One of {@link LIVE_CHECKS}: resolving the host, reaching it, its newest web client, its WebSocket, its Noise certificate, its
 * first code.
 */
export type LiveCheck = (typeof LIVE_CHECKS)[number]

/** The result of one check: one JSON line of the check program. Contains no QR text, no reference and no key. */
export type LiveFinding = {
  readonly check: LiveCheck
  readonly ok: boolean
  /** A sentence for a person. */
  readonly says: string
  /** What a person has to do; null if nothing, or if an earlier line says it. */
  readonly todo: string | null
}

/** The time limit of each check, in ms. Together they end within 90 s. */
export type LiveTimes = { readonly [Check in LiveCheck]: number }

/** About as long as the gateway waits on its own connection, which Baileys gives up after 20 s. */
export const LIVE_TIMES: LiveTimes = {
  name: 10_000,
  reach: 10_000,
  version: 8_000,
  socket: 15_000,
  certificate: 15_000,
  offer: 15_000,
}
