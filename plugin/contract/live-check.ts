/** What is looked at when WhatsApp itself is tried without a link, in this order; each is the name of its line. */
export const LIVE_CHECKS = ['name', 'reach', 'version', 'socket', 'certificate', 'offer'] as const
/** One of them: resolving the host, reaching it, its newest web client, its WebSocket, its Noise certificate, its first code. */
export type LiveCheck = (typeof LIVE_CHECKS)[number]

/** What one of them came to: one JSON line of the program that looks. Holds no QR text, no reference and no key. */
export type LiveFinding = {
  readonly check: LiveCheck
  readonly ok: boolean
  /** A sentence for a person. */
  readonly says: string
  /** What a person is to do; null when nothing, or when an earlier line says it. */
  readonly todo: string | null
}

/** How long each may take, in ms. Together they end within 90 s. */
export type LiveTimes = { readonly [Check in LiveCheck]: number }

/** As patient as the gateway is with its line, which Baileys gives up after 20 s. */
export const LIVE_TIMES: LiveTimes = {
  name: 10_000,
  reach: 10_000,
  version: 8_000,
  socket: 15_000,
  certificate: 15_000,
  offer: 15_000,
}
