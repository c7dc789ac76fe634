import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { lidFromDigits, phoneFromDigits, type Person } from '../../../../plugin/contract/ids.ts'
import type { AddressingMode } from '../../../../plugin/gateway/kinds/jid.ts'
import { openPeerAddresses, PEER_ADDRESS_SCHEMA } from '../../../../plugin/gateway/recipients/peer-addresses.ts'

const ALICE: Person = { lid: lidFromDigits('77701'), phone: phoneFromDigits('972500000001') }

/** The addresses in a file, and a learned LID. */
function opened() {
  const database = new Database(':memory:')
  database.exec(PEER_ADDRESS_SCHEMA)
  const known = { lid: true }
  const complete = (person: Person): Person =>
    known.lid ? ALICE : { lid: person.lid, phone: person.phone ?? (person.lid ? null : ALICE.phone) }
  const open = () => openPeerAddresses(database, { complete })
  return { database, known, open, rows: () => database.prepare('SELECT count(*) FROM peer_addresses').pluck().get() }
}

const what = fc.constantFrom('wroteFrom' as const, 'worked' as const)
const modes = fc.constantFrom<AddressingMode>('lid', 'pn')

it('is the one that worked, else the one they wrote from last, else the LID, also when the file is opened again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(what, modes)), steps => {
      const { database, open } = opened()
      const addresses = open()
      for (const [step, mode] of steps) addresses[step](ALICE, mode)
      const last = (name: string): AddressingMode | undefined => steps.findLast(([step]) => step === name)?.[1]
      const wrote = last('wroteFrom') ?? 'lid'
      for (const each of [addresses, open()]) {
        expect(each.wroteIn(ALICE)).toBe(wrote)
        expect(each.modeFor({ lid: null, phone: ALICE.phone })).toBe(last('worked') ?? wrote)
      }
      database.close()
    }),
  )
})

it('is kept only when it changes, and not at all of whoever writes by LID', () => {
  const { database, open, rows } = opened()
  const addresses = open()
  for (let n = 0; n < 100; n += 1) addresses.wroteFrom(ALICE, 'lid')
  expect(rows()).toBe(0)
  const changes = database.prepare<[], number>('SELECT total_changes()').pluck()
  addresses.wroteFrom(ALICE, 'pn')
  const after = changes.get()
  for (let n = 0; n < 100; n += 1) addresses.wroteFrom(ALICE, 'pn')
  expect(changes.get()).toBe(after)
  expect(rows()).toBe(1)
  database.close()
})

it('stays the number of whoever wrote by it before the LID was known, until they write by that', () => {
  const { database, known, open } = opened()
  known.lid = false
  const addresses = open()
  addresses.wroteFrom({ lid: null, phone: ALICE.phone }, 'pn')
  known.lid = true
  expect(addresses.modeFor(ALICE)).toBe('pn')
  addresses.wroteFrom(ALICE, 'lid')
  expect(addresses.modeFor(ALICE)).toBe('lid')
  database.close()
})
