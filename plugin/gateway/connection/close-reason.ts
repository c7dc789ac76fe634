import type { Closing } from './disconnect-policy.ts'
import { ServerNotTrusted } from './server-certificate.ts'
import type { ServerEnd } from './server-end.ts'

/** The parts of Baileys' errors (Boom) that say how a connection ended. */
type CloseError = {
  readonly output?: { readonly statusCode?: number }
  readonly message?: string
}

/** Words of Baileys 7.0.0-rc14 for a pairing whose account signature or HMAC did not hold (validate-connection.js). */
const PAIRING_REFUSED = /account signature/i

/** No ban is waited out for longer without asking. */
const LONGEST_BAN_MS = 366 * 86_400_000

/** What a connection had shown before it ended: whether its handshake held, and the server's last stanza if there was one. */
export type Seen = { readonly attested: boolean; readonly serverEnd: ServerEnd | null }

/** Reads how a connection ended, from the server's last stanza and else from the error that Baileys closed it with. */
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
