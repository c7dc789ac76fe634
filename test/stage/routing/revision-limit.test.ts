import { sql } from 'kysely'
import { expect, it } from 'vitest'

import { addBinding, listBindings, placeBindings } from '../../../plugin/store/accounts/bindings.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { inboxOf } from '../../support/inbox.ts'
import { explanationsOn } from '../../support/slow-patterns.ts'
import { ACCOUNT, ALICE, given, linkedStore, ORG, textFrom } from '../../support/store.ts'
import { inPlace } from '../../support/job-runner.ts'

const ALL = 2_000
const MOST = 22_000
const LEAST = 10_000

it('of what an org’s bindings were so much is kept, and a trace of what came before has none in it', async () => {
  await using opened = await linkedStore()
  const { store } = opened
  const { inbox, gateway } = await inboxOf(store, { text_regex: 'stop' })
  await store.transaction(async trx => {
    for (let n = 1; n < ALL; n += 1) await addBinding(trx, ORG, { agent: 'echo', rule: {} })
  })
  const order = (await listBindings(store.connection, ORG)).map(({ id }) => id)
  const says = async (text: string): Promise<string> => {
    gateway.receive(textFrom(ALICE, text))
    await inbox.wake(ACCOUNT)
    return given((await listMessages(store.connection, ORG, { account: null, before: null, limit: 1 }))[0]).id
  }
  const before = await says('stop it')
  const reorder = () => store.transaction(trx => placeBindings(trx, ORG, order))
  for (let times = 0; times < MOST / ALL - 1; times += 1) await reorder()
  const later = await says('stop again')
  const trace = async (id: string) => {
    const { outcome, bindings } = await explanationsOn(store, inPlace).trace(ORG, id)
    return [outcome, bindings.length]
  }
  expect(await trace(before)).toEqual(['matched', ALL])
  await reorder()
  expect(await trace(before)).toEqual(['matched', 0])
  expect(await trace(later)).toEqual(['matched', ALL])
  const { rows } = await sql<{ count: number }>`select count(*) as count from binding_revisions`.execute(
    store.connection,
  )
  expect(rows).toEqual([{ count: LEAST + ALL }])
})
