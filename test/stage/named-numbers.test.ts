import { afterEach, beforeEach, expect, it } from 'vitest'

import type { Looked } from '../../plugin/contacts.ts'
import type { Phone } from '../../plugin/contract/ids.ts'
import { NamedNumbers } from '../../plugin/named-numbers.ts'
import { addBinding } from '../../plugin/store/bindings.ts'
import { keepContact } from '../../plugin/store/contacts.ts'
import { knownPerson } from '../../plugin/store/people.ts'
import { pass, stopTime } from '../support/paced-outbox.ts'
import { ACCOUNT, linkedStore, ORG, person } from '../support/store.ts'

const [NAMED, HAS] = ['+5511987654321' as Phone, '+551187654321' as Phone]

let time: ReturnType<typeof stopTime>
beforeEach(() => void (time = stopTime()))
afterEach(() => time[Symbol.dispose]())

/** A rule names a person by another spelling than the one under which they have written. */
async function scene() {
  const opened = await linkedStore()
  const { store } = opened
  const rule = { agent: 'echo', rule: { from: NAMED } } as const
  await store.transaction(async transaction => {
    await knownPerson(transaction, ACCOUNT, person(null, HAS.slice(1)))
    await addBinding(transaction, ORG, { ...rule, conversation: 'chat', enabled: true } as never)
  })
  const asked: Phone[] = []
  const failed: unknown[] = []
  const answers: Looked[] = []
  const lookUp = async (_: unknown, number: Phone): Promise<Looked> => {
    asked.push(number)
    const looked = answers.shift() ?? { outcome: 'answered' }
    if (looked.outcome === 'answered')
      await store.transaction(transaction => keepContact(transaction, ACCOUNT, { number, address: HAS }))
    return looked
  }
  const connected = () => Promise.resolve([{ ...ACCOUNT, phone: null }])
  const failing = (error: unknown): void => void failed.push(error)
  const named = new NamedNumbers({ store, contacts: { lookUp }, connected, failed: failing })
  return { opened, named, asked, failed, answers }
}

it('is asked for again when WhatsApp did not answer, though nobody writes, until it does', async () => {
  const { opened, named, asked, failed, answers } = await scene()
  await using _ = opened
  answers.push({ outcome: 'waits', why: 'lookup_failed', until: Date.now() + 10_000 })
  answers.push({ outcome: 'waits', why: 'lookup_budget', until: Date.now() + 60_000 })
  await named.clear(ORG)
  await pass(9_000)
  expect(asked).toHaveLength(1)
  await pass(5_000)
  expect(asked).toHaveLength(2)
  await pass(60_000)
  expect(asked).toEqual([NAMED, NAMED, NAMED])
  await pass(3_600_000)
  expect([asked.length, failed]).toEqual([3, []])
})

it('is asked for by nobody any more once that has ended', async () => {
  const { opened, named, asked, answers } = await scene()
  await using _ = opened
  answers.push({ outcome: 'waits', why: 'lookup_failed', until: Date.now() + 10_000 })
  await named.clear(ORG)
  await pass(1_000)
  named.close()
  await pass(60_000)
  expect(asked).toHaveLength(1)
})
