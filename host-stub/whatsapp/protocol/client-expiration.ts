import type { Companion } from '../world/accounts.ts'
import { stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Notifies a device until when its version is accepted, or that the expiration was withdrawn. */
export function announceExpiration({ behaviours }: World, { connection }: Companion): void {
  const seconds = behaviours.client_expiration
  const t = seconds === null ? undefined : String(seconds)
  connection?.send(stanza('ib', {}, [stanza('client_expiration', { t })]))
}
