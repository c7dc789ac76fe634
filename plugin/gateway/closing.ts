import type { Closing } from './disconnect.ts'
import { ServerNotTrusted } from './certificate.ts'

/** The parts of Baileys' errors (Boom) that say how a connection ended. */
type CloseError = {
  readonly output?: { readonly statusCode?: number }
  readonly data?: unknown
  readonly message?: string
}

/** Words of Baileys 7.0.0-rc14 for a pairing whose account signature or HMAC did not hold (validate-connection.js). */
const PAIRING_REFUSED = /account signature/i

/** Reads how a connection ended from the error that Baileys closed it with. `attested`: the handshake had held. */
export function closingOf(error: unknown, attested: boolean): Closing {
  const { output, data, message } = (error ?? {}) as CloseError
  const code = output?.statusCode ?? null
  return { code, cause: causeOf(error, message ?? ''), attested, banMs: code === 402 ? banMsOf(data) : null }
}

function causeOf(error: unknown, message: string): Closing['cause'] {
  if (error instanceof ServerNotTrusted || /noise .*certificate|certification match/.test(message)) {
    return 'server_not_trusted'
  }
  return PAIRING_REFUSED.test(message) ? 'pairing_refused' : null
}

/** `<failure reason="402" expire="<seconds>">`. */
function banMsOf(data: unknown): number | null {
  const expire = Number((data as { expire?: string } | undefined)?.expire)
  return Number.isFinite(expire) && expire > 0 ? expire * 1000 : null
}
