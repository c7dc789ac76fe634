import type { Closing } from './disconnect-policy.ts'
import { ServerNotTrusted } from './server-certificate.ts'
import type { ServerEnd } from './server-end.ts'

/** The parts of Baileys' errors (Boom) that say how a connection ended. */
type CloseError = {
  readonly output?: { readonly statusCode?: number }
  readonly message?: string
}

/** The error text of Baileys 7.0.0-rc14 for a pairing whose account signature or HMAC is not valid (validate-connection.js). */
const PAIRING_REFUSED = /account signature/i

/** The longest time that a ban is waited out without a new attempt. */
const LONGEST_BAN_MS = 366 * 86_400_000

/** What is known of a connection that ended: whether its handshake held, and the server's last stanza if there was one. */
export type Seen = { readonly attested: boolean; readonly serverEnd: ServerEnd | null }

/** Determines how a connection ended: from the server's last stanza, or else from the error with which Baileys closed it. */
export function closingOf(error: unknown, { attested, serverEnd }: Seen): Closing {
  const { output, message } = (error ?? {}) as CloseError
  const code = serverEnd ? serverEnd.code : (output?.statusCode ?? null)
  return {
    code,
    cause: causeOf(error, message ?? ''),
    attested,
    banMs: code === 402 ? banMsOf(serverEnd?.expire) : null,
    ...(serverEnd && { said: serverEnd.words }),
  }
}

function causeOf(error: unknown, message: string): Closing['cause'] {
  if (error instanceof ServerNotTrusted || /noise .*certificate|certification match/.test(message)) {
    return 'server_not_trusted'
  }
  return PAIRING_REFUSED.test(message) ? 'pairing_refused' : null
}

/** `<failure reason="402" expire="<seconds>">`. */
function banMsOf(expire: string | undefined): number | null {
  const seconds = Number(expire)
  return seconds > 0 ? Math.min(seconds * 1000, LONGEST_BAN_MS) : null
}
