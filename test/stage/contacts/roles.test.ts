import { expect, it } from 'vitest'

import { NumberLookup } from '../../../plugin/contacts/number-lookup.ts'
import type { LookupOutcome } from '../../../plugin/contract/contact.ts'
import type { Address, Phone } from '../../../plugin/contract/ids.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { DEFAULT_LIMITS } from '../../../plugin/config/send-limits.ts'
import { Roles } from '../../../plugin/contacts/roles.ts'
import { keptLog } from '../../support/host.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import { ACCOUNT, linkedStore, person } from '../../support/store.ts'

const WRITTEN = '+5511987654321'
const HAS = person('777', '551187654321')

async function roleOf(named: Record<string, Role>, lookUp: (number: Phone) => LookupOutcome) {
  await using opened = await linkedStore()
  const gateway = new StandInGateway()
  gateway.lookUp = lookUp
  const { store } = opened
  const contacts = new NumberLookup({
    store,
    gateway,
    log: keptLog().log,
    limits: () => DEFAULT_LIMITS,
    random: () => 0,
  })
  const roles = new Map(Object.entries(named)) as unknown as ReadonlyMap<Address, Role>
  const role = await new Roles({ store, contacts, settings: () => ({ roles }) }).of(ACCOUNT, HAS)
  return [role, gateway.lookups.length]
}

const spelled = (): LookupOutcome => ({ outcome: 'found', person: { lid: null, phone: HAS.phone } })
const asWritten = (number: Phone): LookupOutcome => ({ outcome: 'found', person: { lid: null, phone: number } })
const silent = (): LookupOutcome => ({ outcome: 'unanswered', code: null })

it('a role that names a spelling is the person’s once WhatsApp has said so, and nobody’s by a likeness', async () => {
  expect(await roleOf({ [WRITTEN]: 'admin' }, spelled)).toEqual(['admin', 1])
  expect(await roleOf({ [WRITTEN]: 'admin' }, asWritten)).toEqual(['viewer', 1])
  expect(await roleOf({ [WRITTEN]: 'admin' }, () => ({ outcome: 'absent' }))).toEqual(['viewer', 1])
  expect(await roleOf({ [WRITTEN]: 'admin' }, silent)).toEqual(['viewer', 1])
})

it('a role of their own address goes before one of a spelling, and costs no question', async () => {
  expect(await roleOf({ [WRITTEN]: 'admin', '+551187654321': 'member' }, spelled)).toEqual(['member', 0])
  expect(await roleOf({ [WRITTEN]: 'admin', 'lid:777': 'viewer' }, spelled)).toEqual(['viewer', 0])
})

it('nobody is asked for who is no spelling of anybody named', async () => {
  expect(await roleOf({ '+4915112345678': 'admin' }, spelled)).toEqual(['viewer', 0])
  expect(await roleOf({}, spelled)).toEqual(['viewer', 0])
})
