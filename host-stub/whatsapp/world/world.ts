import { Accounts } from './accounts.ts'
import { Bursts } from './bursts.ts'
import { initialBehaviours, type Behaviours } from './behaviours.ts'
import { makeAuthority, type Authority } from './certificate.ts'
import type { Connection } from '../wire/connection.ts'
import type { NetworkFaults } from './faults.ts'
import { Groups } from './groups.ts'
import { Ledger } from './ledger.ts'
import { Messages } from './messages.ts'
import type { MediaHost } from '../media/media-host.ts'
import { OverheardMessages } from './overheard.ts'
import type { QrValidity, Registration } from './registration.ts'

/** The whole state of the network. */
export interface World {
  authority: Authority
  qrValidity: QrValidity
  accounts: Accounts
  groups: Groups
  messages: Messages
  overheard: OverheardMessages
  ledger: Ledger
  bursts: Bursts
  faults: NetworkFaults
  behaviours: Behaviours
  /** Null if the network was opened without one. */
  media: MediaHost | null
  /** The connections of all clients. */
  lines: Set<Connection>
  /** Clients that show a code and wait for a phone. */
  registrations: Set<Registration>
  /** The QR code that a demo shows, for `npm run phone -- scan`. */
  shownQr: string | null
  /** Counts what clients have sent since raw frames were written to them; null before. */
  said: Record<string, number> | null
  /** Their acks and receipts since then, by the id that they answer. */
  answered: Map<string, string[]>
}

export function makeWorld(qrValidity: QrValidity, media: MediaHost | null): World {
  const bursts = new Bursts()
  return {
    authority: makeAuthority(),
    qrValidity,
    accounts: new Accounts(),
    groups: new Groups(),
    messages: new Messages(),
    overheard: new OverheardMessages(),
    ledger: new Ledger((id, passage) => bursts.noteStanza(id, passage)),
    bursts,
    faults: { certificate: undefined, door: 'open', groupQuery: undefined, registrations: [] },
    behaviours: initialBehaviours(),
    media,
    lines: new Set(),
    registrations: new Set(),
    shownQr: null,
    said: null,
    answered: new Map(),
  }
}

/** Cuts all connections and deletes all state except the keys, the QR validity and the media host. */
export async function emptyWorld(world: World): Promise<void> {
  await Promise.all([...world.lines].map(line => line.abandon()))
  const { authority, qrValidity, media } = world
  Object.assign(world, makeWorld(qrValidity, media), { authority })
}
