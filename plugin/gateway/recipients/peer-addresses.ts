import { canonicalKey, type Person } from '../../contract/ids.ts'
import { modesOf, type AddressingMode } from '../kinds/jid.ts'
import type { AccountDatabase, Journal } from '../tables/journal.ts'

/** The address at which each person is written to (whatsapp-today.md §2). */
export type PeerAddresses = {
  /** The address that worked when the other was refused, else the one they wrote from last, else the LID, else the number. */
  readonly modeFor: (person: Person) => AddressingMode
  /** The address they wrote from last, as far as it is known, else the LID, else the number. */
  readonly wroteIn: (person: Person) => AddressingMode
  /** They wrote from this address. Runs inside the caller's transaction; writes only when the address was another one before. */
  readonly wroteFrom: (person: Person, mode: AddressingMode) => void
  /** WhatsApp has accepted at this address what it refused at the other one. */
  readonly worked: (person: Person, mode: AddressingMode) => void
}

export const PEER_ADDRESS_SCHEMA = `
  CREATE TABLE peer_addresses (address TEXT PRIMARY KEY, wrote INTEGER NOT NULL, worked INTEGER NOT NULL) WITHOUT ROWID;`

/** The order of events, 0 for never: of a person's two addresses, the later one is used. */
type Marks = { readonly wrote: number; readonly worked: number }

const NEVER: Marks = { wrote: 0, worked: 0 }

/** The whole table is cached in memory. A person about whom there is nothing unusual has no row. */
export function openPeerAddresses(database: AccountDatabase, { complete }: Pick<Journal, 'complete'>): PeerAddresses {
  const put = database.prepare('INSERT OR REPLACE INTO peer_addresses (address, wrote, worked) VALUES (?, ?, ?)')
  const rows = database
    .prepare<[], Marks & { address: string }>('SELECT address, wrote, worked FROM peer_addresses')
    .all()
  const marks = new Map(rows.map(({ address, wrote, worked }) => [address, { wrote, worked }]))
  let last = Math.max(0, ...rows.map(({ wrote, worked }) => Math.max(wrote, worked)))
  const marksOf = (person: Person, mode: AddressingMode): Marks => marks.get(addressIn(mode, person)) ?? NEVER
  const latest = (person: Person, mark: keyof Marks): AddressingMode | null => {
    const [lid, pn] = [marksOf(person, 'lid')[mark], marksOf(person, 'pn')[mark]]
    if (lid === pn) return null
    return lid > pn ? 'lid' : 'pn'
  }
  const wroteIn = (person: Person): AddressingMode => latest(person, 'wrote') ?? usual(person)
  const mark = (person: Person, mode: AddressingMode, what: keyof Marks): void => {
    const address = addressIn(mode, person)
    if (address === '') return
    const next = { ...marksOf(person, mode), [what]: (last += 1) }
    put.run(address, next.wrote, next.worked)
    marks.set(address, next)
  }
  const known = (person: Person, mode: AddressingMode): AddressingMode => {
    const modes = modesOf(person)
    return modes.includes(mode) ? mode : (modes[0] ?? mode)
  }
  return {
    modeFor: given => {
      const person = complete(given)
      return known(person, latest(person, 'worked') ?? wroteIn(person))
    },
    wroteIn: given => {
      const person = complete(given)
      return known(person, wroteIn(person))
    },
    wroteFrom: (given, mode) => {
      const person = complete(given)
      // A person known by one address may become known by the other later: that they wrote by number is stored.
      if ((latest(person, 'wrote') ?? 'lid') !== mode) mark(person, mode, 'wrote')
    },
    worked: (given, mode) => {
      const person = complete(given)
      if (latest(person, 'worked') !== mode) mark(person, mode, 'worked')
    },
  }
}

const usual = ({ lid }: Person): AddressingMode => (lid ? 'lid' : 'pn')

const addressIn = (mode: AddressingMode, { lid, phone }: Person): string => {
  if (mode === 'lid') return lid ? canonicalKey({ lid, phone: null }) : ''
  return phone ? canonicalKey({ lid: null, phone }) : ''
}
