import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { isApprover } from '../../../plugin/approvals/prompts.ts'
import { NumberLookup, type Looked } from '../../../plugin/contacts/number-lookup.ts'
import { CONTACT_KEPT_MS } from '../../../plugin/contract/contact.ts'
import {
  addressOfPerson,
  parseAccountName,
  type AccountKey,
  type Address,
  type Phone,
} from '../../../plugin/contract/ids.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { NamedNumbers } from '../../../plugin/routing/named-numbers.ts'
import { DEFAULT_LIMITS } from '../../../plugin/config/send-limits.ts'
import { configureAccount } from '../../../plugin/store/accounts/accounts.ts'
import { addBinding } from '../../../plugin/store/accounts/bindings.ts'
import type { Connection } from '../../../plugin/store/sql/connection.ts'
import { keepContact } from '../../../plugin/store/people/contacts.ts'
import { addMessage } from '../../../plugin/store/messages/messages.ts'
import { knownPerson } from '../../../plugin/store/people/people.ts'
import { keptLog } from '../../support/host.ts'
import { pass, stopTime } from '../../support/paced-outbox.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import { ACCOUNT, given, linkedStore, ORG, OUR_NUMBER, person } from '../../support/store.ts'

const [NAMED, HAS] = ['+5511987654321' as Phone, '+551187654321' as Phone]
/** Of a country where nothing is known of other spellings. */
const FAR = Array.from({ length: 6 }, (_, at) => `+2250123456${at}` as Phone)
const SALES: AccountKey = { org: ORG, account: given(parseAccountName('sales')) }
const FAILED = { outcome: 'waits', why: 'lookup_failed' } as const
const SPENT = { outcome: 'waits', why: 'lookup_budget' } as const

let time: ReturnType<typeof stopTime>
beforeEach(() => void (time = stopTime()))
afterEach(() => time[Symbol.dispose]())

type Named = {
  readonly approvers?: readonly Phone[]
  readonly roles?: readonly Phone[]
  readonly rules?: readonly Phone[]
}

/** Numbers are named, and who is asked for which is noted; an account says `answered` unless it is to say otherwise. */
async function scene({ approvers = [], roles = [], rules = [NAMED] }: Named = {}, connected = [ACCOUNT]) {
  const opened = await linkedStore()
  const { store } = opened
  await store.transaction(async transaction => {
    await configureAccount(transaction, SALES, { displayName: null })
    for (const from of rules)
      await addBinding(transaction, ORG, { agent: 'echo', rule: { from }, conversation: 'chat', enabled: true })
  })
  const asked: string[] = []
  const answers: (Looked | (() => Looked))[] = []
  const shares = new Set<unknown>()
  const lookUp = async (key: AccountKey, number: Phone, share?: unknown): Promise<Looked> => {
    shares.add(share)
    asked.push(`${key.account} ${number}`)
    const next = answers.shift() ?? { outcome: 'answered' }
    const looked = typeof next === 'function' ? next() : next
    const address = number === NAMED ? HAS : number
    if (looked.outcome === 'answered')
      await store.transaction(transaction => keepContact(transaction, key, { number, address }))
    return looked
  }
  const settings = () => ({
    roles: new Map<Address, Role>(roles.map(each => [addressOfPerson(person(null, each.slice(1))), 'admin'])),
    approvers: new Set(approvers),
  })
  const up = { current: connected }
  const { log, lines } = keptLog()
  const named = new NamedNumbers({ store, contacts: { lookUp }, settings, connected: async () => up.current, log })
  const meet = (phone: Phone) =>
    store.transaction(transaction => knownPerson(transaction, ACCOUNT, person(null, phone.slice(1))))
  return { opened, named, asked, lines, answers, shares, up, meet }
}

describe('a number that is named', () => {
  it('is asked for again when WhatsApp did not answer, though nobody writes, until it does, and that is said', async () => {
    const { opened, named, asked, lines, answers } = await scene()
    await using _ = opened
    answers.push({ ...FAILED, until: Date.now() + 10_000 }, { ...SPENT, until: Date.now() + 60_000 })
    await named.clear(ORG)
    await pass(9_000)
    expect(asked).toHaveLength(1)
    await pass(5_000)
    expect(asked).toHaveLength(2)
    await pass(60_000)
    expect(asked).toEqual(Array(3).fill(`default ${NAMED}`))
    await pass(3_600_000)
    expect(asked).toHaveLength(3)
    const said = lines.map(({ event, fields }) => [event, fields['unknown']])
    expect(said).toEqual(Array(2).fill(['named numbers not known yet', 1]))
    expect(JSON.stringify(lines)).not.toContain(NAMED)
  })

  it('is asked for by nobody any more once that has ended', async () => {
    const { opened, named, asked, answers } = await scene()
    await using _ = opened
    answers.push({ ...FAILED, until: Date.now() + 10_000 })
    await named.clear(ORG)
    await pass(1_000)
    named.stop()
    await pass(60_000)
    expect(asked).toHaveLength(1)
  })

  it('is asked for whoever names it: who has written under another spelling first, then approvers, roles and rules', async () => {
    const [approver, role, rule] = FAR as [Phone, Phone, Phone]
    const { opened, named, asked, meet } = await scene({
      approvers: [approver, role],
      roles: [role],
      rules: [rule, NAMED, OUR_NUMBER, approver],
    })
    await using _ = opened
    await meet(HAS)
    await named.clear(ORG)
    expect(asked).toEqual([NAMED, approver, role, rule].map(number => `default ${number}`))
    await named.clear(ORG)
    expect(asked).toHaveLength(4)
  })

  it('is asked for by another account of the org when one has no room left, and by none that is not up', async () => {
    const { opened, named, asked, answers, up } = await scene({ rules: FAR.slice(0, 3) }, [])
    await using _ = opened
    await named.clear(ORG)
    expect(asked).toEqual([])
    up.current = [ACCOUNT, SALES]
    answers.push({ ...SPENT, until: Date.now() + 3_600_000 })
    await named.clear(ORG)
    const [first, ...later] = asked
    expect(first).toBe(`default ${FAR[0]}`)
    expect(later.toSorted()).toEqual(FAR.slice(0, 3).map(number => `sales ${number}`))
  })

  it('is asked for by nobody for whom there is no room, however many are named', async () => {
    const { opened, named, asked, answers, lines, shares } = await scene({ rules: FAR })
    await using _ = opened
    answers.push({ outcome: 'answered' }, { ...SPENT, until: Date.now() + 3_600_000 })
    await named.clear(ORG)
    expect(asked).toHaveLength(2)
    expect(lines.at(-1)?.fields).toMatchObject({ unknown: 5 })
    await pass(3_601_000)
    expect(asked).toHaveLength(2 + 5)
    expect([...shares]).toEqual(['half'])
  })

  it('holds up no other when it is never answered', async () => {
    const { opened, named, asked, answers } = await scene({ rules: FAR.slice(0, 3) })
    await using _ = opened
    answers.push({ ...FAILED, until: Date.now() + 10_000 })
    await named.clear(ORG)
    expect(asked).toEqual(FAR.slice(0, 3).map(number => `default ${number}`))
  })

  it('is left alone when the line goes down while it is asked for', async () => {
    const { opened, named, asked, answers, up } = await scene({ rules: FAR.slice(0, 3) })
    await using _ = opened
    answers.push(() => {
      up.current = []
      return { ...FAILED, until: Date.now() + 10_000 }
    })
    await named.clear(ORG)
    expect(asked).toEqual([`default ${FAR[0]}`])
  })

  it('is asked for again after thirty days, and what was answered holds meanwhile', async () => {
    const { opened, named, asked } = await scene({ roles: [NAMED], rules: [] })
    await using _ = opened
    expect(await named.list(ORG)).toEqual([{ number: NAMED, namedBy: ['role'], address: undefined }])
    await named.clear(ORG)
    await pass(CONTACT_KEPT_MS - 1_000)
    await named.clear(ORG)
    expect(asked).toHaveLength(1)
    await pass(2_000)
    expect(await named.list(ORG)).toEqual([{ number: NAMED, namedBy: ['role'], address: HAS }])
    await named.clear(ORG)
    expect(asked).toHaveLength(2)
  })
})

it('a number from which somebody has written is known without a question, whatever account is up', async () => {
  await using opened = await linkedStore()
  const { store } = opened
  const gateway = new StandInGateway()
  const { log } = keptLog()
  await store.transaction(async transaction => {
    await configureAccount(transaction, SALES, { displayName: null })
    await wroteFrom(transaction, HAS)
  })
  const contacts = new NumberLookup({ store, gateway, log, limits: () => DEFAULT_LIMITS, random: () => 0 })
  const settings = () => ({ roles: new Map(), approvers: new Set([HAS, NAMED]) })
  const named = new NamedNumbers({ store, contacts, settings, connected: async () => [SALES], log })
  await named.clear(ORG)
  expect(gateway.lookups).toEqual([NAMED])
  expect((await named.list(ORG)).map(({ address }) => address)).toEqual([HAS, NAMED])
})

it('an approver by a spelling is one to every account of the org, whichever asked, and nobody is by a likeness', async () => {
  await using opened = await linkedStore()
  const { store } = opened
  const answer = { key: ACCOUNT, sender: person(null, HAS.slice(1)) }
  const isOne = () => store.transaction(transaction => isApprover(transaction, answer, new Set([NAMED])))
  expect(await isOne()).toBe(false)
  await store.transaction(async transaction => {
    await configureAccount(transaction, SALES, { displayName: null })
    await keepContact(transaction, SALES, { number: NAMED, address: HAS })
  })
  expect(await isOne()).toBe(true)
})

async function wroteFrom(transaction: Connection, phone: Phone): Promise<void> {
  const { id } = await knownPerson(transaction, ACCOUNT, person(null, phone.slice(1)))
  const none = { edits: null, judged: null, senderName: null, quoted: null, bindingId: null } as const
  await addMessage(transaction, {
    ...ACCOUNT,
    ...none,
    chatKey: id,
    senderId: id,
    receiverId: id,
    direction: 'inbound',
    fromMe: false,
    stanzaId: 'STANZA',
    content: { kind: 'text', text: 'hello' },
    mentioned: false,
    outcome: 'matched',
    sentAt: Date.now(),
    receivedAt: Date.now(),
  })
}
