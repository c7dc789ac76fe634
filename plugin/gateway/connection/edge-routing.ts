import type { AuthenticationCreds } from '@whiskeysockets/baileys'

/**
 * Where WhatsApp wants an account to connect next time (`<ib><edge_routing>`), which Baileys keeps in the login. WhatsApp Web
 * says it in the address (`?ED=`), and Baileys before the first frame; it means to do both, and compares the scheme of the
 * address with `wss` where URLs have `wss:`.
 */
export type Routing = {
  /** Whether it is shown on the next connection. */
  readonly isShown: () => boolean
  /** A connection has ended. One that showed it and was not let in may have gone to the wrong place: the next one does without. */
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

/** The address with what the login has of it. */
export function routedUrl(url: string, { routingInfo }: Pick<AuthenticationCreds, 'routingInfo'>): string {
  if (!routingInfo) return url
  const routed = new URL(url)
  routed.searchParams.set('ED', Buffer.from(routingInfo).toString('base64url'))
  return routed.href
}

/** Makes something as if the login had none, unless it is to be shown and can be. */
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
