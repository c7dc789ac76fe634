import type { Companion } from '../world/accounts.ts'
import type { Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** An iq stanza of a linked device. */
export interface Query {
  world: World
  companion: Companion
  node: Stanza
}

/** The client sent something that the real server would not accept. It is recorded and fails the test. */
export class ProtocolBreach extends Error {}
