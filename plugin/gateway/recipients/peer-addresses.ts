import { canonicalKey, type Person } from '../../contract/ids.ts'
import { modesOf, type AddressingMode } from '../kinds/jid.ts'
import type { AccountDatabase, Journal } from '../tables/journal.ts'

/** At which address each person is written to (whatsapp-today.md §2). */
export type PeerAddresses = {
  /** The one that worked when the other was refused, else the one they wrote from last, else the LID, else the number. */
  readonly modeFor: (person: Person) => AddressingMode
  /** The one they wrote from last, as far as it is known, else the LID, else the number. */
  readonly wroteIn: (person: Person) => AddressingMode
  /** They wrote from this address. Part of the transaction around it; written only when it was another one before. */
  readonly wroteFrom: (person: Person, mode: AddressingMode) => void
  /** WhatsApp has taken what it refused at the other address. */
  readonly worked: (person: Person, mode: AddressingMode) => void
}

export const PEER_ADDRESS_SCHEMA = `
  CREATE TABLE peer_addresses (address TEXT PRIMARY KEY, wrote INTEGER NOT NULL, worked INTEGER NOT NULL) WITHOUT ROWID;`

/** In which order things happened, 0 for never: of two addresses of a person, the later one holds. */
type Marks = { readonly wrote: number; readonly worked: number }

const NEVER: Marks = { wrote: 0, worked: 0 }

/** What is in the file is all in memory: people of whom nothing is out of the ordinary have no row. */
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
      // Somebody who is known by one address alone may come to be known by the other: that they wrote by number is kept.
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
