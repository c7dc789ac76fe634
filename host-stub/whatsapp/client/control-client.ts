import type { Behaviours } from '../world/behaviours.ts'
import { controlCall, pollUntil } from './control-call.ts'
import type { NetworkState, RequestOf } from '../contract/control-contract.ts'
import { faultControls, type FaultControls } from './fault-controls.ts'
import type { LedgerPage, MessageRecord } from '../world/ledger.ts'
import { PhoneCharacter, type GroupCharacter } from './phone-character.ts'

export interface Profile {
  /** E.164; generated if missing. */
  phone?: string
  /** Digits; generated if missing. */
  lid?: string
  pushName?: string
}

export interface GroupOptions {
  addressingMode?: 'lid' | 'pn'
  /** Whether the member list also contains each member's other address; true by default. */
  revealsAlternates?: boolean
}

export interface GroupDeed {
  /** Who makes the change; the first member by default. */
  by?: PhoneCharacter
  add?: PhoneCharacter[]
  remove?: PhoneCharacter[]
  promote?: PhoneCharacter[]
  demote?: PhoneCharacter[]
  subject?: string
  /** Changes how the group addresses its members: by LID or by number. Nobody is notified. */
  addressingMode?: 'lid' | 'pn'
}

/** A running network, for its starter, the demo and the phone command. */
export interface ControlClient {
  /** The person with this name; creates the person and a phone if necessary. */
  phone(name: string, profile?: Profile): Promise<PhoneCharacter>
  phones(): Promise<PhoneCharacter[]>
  group(subject: string, members: PhoneCharacter[], options?: GroupOptions): Promise<GroupCharacter>
  /** Somebody changes a group; the devices of its current and former members are notified. */
  changeGroup(group: GroupCharacter, change: GroupDeed): Promise<GroupCharacter>
  groups(): Promise<GroupCharacter[]>
  faults: FaultControls
  /** Enables or disables behaviours that WhatsApp is reported to have. */
  behaves(change: Partial<Behaviours>): Promise<void>
  ledger(): Promise<LedgerPage>
  /** Waits until the ledger satisfies `shows`; throws after `withinMs`. */
  ledgerWhen(shows: (page: LedgerPage) => boolean, withinMs?: number): Promise<LedgerPage>
  message(id: string): Promise<MessageRecord>
  messageWhen(id: string, shows: (record: MessageRecord) => boolean, withinMs?: number): Promise<MessageRecord>
  unknown(): Promise<LedgerPage['unknown']>
  /** The ciphertext of a group message that all members get, and the device that sent it. */
  overheard(id: string): Promise<{ ciphertext: string; lid: string; device: number }>
  /** How often a path of the media host was requested. */
  askedForFile(path: string): Promise<number>
  /** Stores a QR code (picture or text) for `npm run phone -- scan`. */
  show(qr: string | null): Promise<void>
  shown(): Promise<string | null>
}

const usualPatienceMs = 10_000

export function connectControl(state: NetworkState): ControlClient {
  const call = controlCall(state)
  const ledger = () => call('ledger/read', {})
  const message = (id: string) => call('ledger/message', { id })
  const whenChanged = async <Seen>(look: () => Promise<Seen>, shows: (seen: Seen) => boolean, withinMs: number) => {
    let version = -1
    const found = await pollUntil(withinMs, async waitMs => {
      version = (await call('ledger/read', { after: version, wait_ms: waitMs })).version
      const seen = await look()
      return shows(seen) ? seen : undefined
    })
    if (found === undefined) throw new Error(`the network did not get there within ${withinMs} ms`)
    return found
  }
  return {
    phone: async (name, { phone, lid, pushName } = {}) => {
      const given = { ...(phone && { phone }), ...(lid && { lid }), ...(pushName && { push_name: pushName }) }
      return new PhoneCharacter(call, await call('phones/meet', { name, ...given }))
    },
    phones: async () => (await call('phones/list', {})).phones.map(card => new PhoneCharacter(call, card)),
    group: (subject, members, { addressingMode = 'lid', revealsAlternates = true } = {}) =>
      call('groups/create', {
        subject,
        members: members.map(({ name }) => name),
        addressing_mode: addressingMode,
        reveals_alternates: revealsAlternates,
      }),
    changeGroup: ({ id }, deed) => call('groups/change', { group: id, ...deedOf(deed) }),
    groups: async () => (await call('groups/list', {})).groups,
    faults: faultControls(call),
    behaves: async change => void (await call('behaviours/set', change)),
    ledger,
    ledgerWhen: (shows, withinMs = usualPatienceMs) => whenChanged(ledger, shows, withinMs),
    message,
    messageWhen: (id, shows, withinMs = usualPatienceMs) => whenChanged(() => message(id), shows, withinMs),
    unknown: async () => (await ledger()).unknown,
    overheard: id => call('ledger/overheard', { id }),
    askedForFile: async path => (await call('ledger/file', { path })).asked,
    show: async qr => void (await call('shown/write', { qr })),
    shown: async () => (await call('shown/read', {})).qr,
  }
}

function deedOf({ by, subject, addressingMode, ...members }: GroupDeed): Omit<RequestOf<'groups/change'>, 'group'> {
  const named = Object.entries(members).map(([deed, whom]) => [deed, whom.map(({ name }) => name)])
  const mode = addressingMode && { addressing_mode: addressingMode }
  return {
    ...Object.fromEntries(named),
    ...(by && { by: by.name }),
    ...(subject !== undefined && { subject }),
    ...mode,
  }
}
