import type { PhoneCharacter } from '../../host-stub/whatsapp/client/phone-character.ts'
import type { ContenderName } from './options.ts'
import type { Usage } from './usage.ts'

/** Somebody who is linked to a phone of the network and echoes what is written to it. */
export type Contender = AsyncDisposable & {
  readonly name: ContenderName
  /** Whose phone it is linked to. */
  readonly owner: PhoneCharacter
  /** Whether what arrives is answered. */
  echo(on: boolean): Promise<void>
  /** Leaves the network; its process stays. */
  goOffline(): Promise<void>
  goOnline(): Promise<void>
  /**
   * When each text reached the agent (a bare bot: `messages.upsert`; ours, unanswered: the inbox), in ms UTC. All since
   * the last call, once there are that many.
   */
  arrivals(count: number): Promise<ReadonlyMap<string, number>>
  /** Says that many texts to a phone, one after the other; how long each took from its acceptance to the server's ack. */
  send(to: PhoneCharacter, count: number): Promise<number[]>
  resetUsage(): void
  usage(): Promise<Usage>
}
