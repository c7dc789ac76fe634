import type { AuthenticationCreds } from '@whiskeysockets/baileys'

/**
 * The place where WhatsApp wants an account to connect next time (`<ib><edge_routing>`). Baileys keeps it in the login. WhatsApp
 * Web sends it in the address (`?ED=`), and Baileys sends it before the first frame. Baileys is meant to do both, but compares the
 * scheme of the address with `wss` where URLs have `wss:`.
 */
export type Routing = {
  /** Whether the next connection sends it. */
  readonly isShown: () => boolean
  /**
   * Call it when a connection has ended. One that sent the routing and was not let in may have gone to the wrong place: the next
   * one omits it.
   */
  readonly ended: (attested: boolean) => void
}

const LONGEST_BYTES = 1_024

export function createRouting(): Routing {
  let isShown = true
  return {
    isShown: () => isShown,
    ended: attested => (isShown = attested || !isShown),
  }
}

/** The address with the login's routing as a parameter, if it has any. */
export function routedUrl(url: string, { routingInfo }: Pick<AuthenticationCreds, 'routingInfo'>): string {
  if (!routingInfo) return url
  const routed = new URL(url)
  routed.searchParams.set('ED', Buffer.from(routingInfo).toString('base64url'))
  return routed.href
}

/** Runs `make` with the login's routing hidden, unless the routing is to be shown and has a valid length. */
export function withRouting<Made>(creds: AuthenticationCreds, isShown: boolean, make: () => Made): Made {
  const { routingInfo } = creds
  const length = routingInfo?.length ?? 0
  if (isShown && length > 0 && length <= LONGEST_BYTES) return make()
  creds.routingInfo = undefined
  try {
    return make()
  } finally {
    creds.routingInfo = routingInfo
  }
}
