import type { Companion } from './accounts.ts'
import { stanza } from './stanza.ts'
import type { World } from './world.ts'

/** Tells a device until when its version will be taken, or that the end was withdrawn. */
export function announceExpiration({ behaviours }: World, { connection }: Companion): void {
  const seconds = behaviours.client_expiration
  const t = seconds === null ? undefined : String(seconds)
  connection?.send(stanza('ib', {}, [stanza('client_expiration', { t })]))
}
