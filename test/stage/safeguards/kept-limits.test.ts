import { describe, expect, it } from 'vitest'

import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import { configureAccount } from '../../../plugin/store/accounts/accounts.ts'
import { addBinding } from '../../../plugin/store/accounts/bindings.ts'
import { TakeoverRequests } from '../../../plugin/safeguards/takeover-requests.ts'
import { numberOf } from '../../support/full-org.ts'
import { keptLog } from '../../support/host.ts'
import { bindingsOn } from '../../support/slow-patterns.ts'
import { ACCOUNT, emptyStore, given, linkedStore, ORG } from '../../support/store.ts'
import { inPlace } from '../../support/job-runner.ts'

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => asChannelError(error).code,
  )

describe('an org has as many as it may, and no more until one is removed', () => {
  it('of bindings: 2,000', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await store.transaction(async trx => {
      for (let n = 1; n < 2_000; n += 1) await addBinding(trx, ORG, { agent: 'echo', rule: {} })
    })
    const bindings = bindingsOn(store, inPlace)
    const create = () => bindings.create(ORG, { agent: 'echo', match_rule: { channel: 'whatsapp' }, enabled: true })
    const { id } = await create()
    expect(await codeOf(create())).toBe('too_many_kept')
    expect(await codeOf(bindings.update(ORG, id, { enabled: false }))).toBe('done')
    await bindings.delete(ORG, id)
    expect(await codeOf(create())).toBe('done')
  })

  it('of accounts: 100', async () => {
    await using opened = await emptyStore()
    const configure = (n: number, displayName: string | null = null) =>
      opened.store.transaction(trx =>
        configureAccount(trx, { org: ORG, account: given(parseAccountName(`a${n}`)) }, { displayName }),
      )
    for (let n = 1; n <= 100; n += 1) await configure(n)
    expect(await codeOf(configure(101))).toBe('too_many_kept')
    expect(await codeOf(configure(100, 'One of them'))).toBe('done')
    const other = opened.store.transaction(trx =>
      configureAccount(trx, { ...ACCOUNT, org: given(parseOrgId('org_other')) }, { displayName: null }),
    )
    expect(await codeOf(other)).toBe('done')
  })

  it('of chats that were taken over from outside: 1,000', async () => {
    await using opened = await linkedStore()
    const desk = new TakeoverRequests({ store: opened.store, log: keptLog().log, onTakenBack: () => undefined })
    for (let n = 1; n <= 1_000; n += 1) await desk.begin(ACCOUNT, numberOf(n), null)
    expect(await codeOf(desk.begin(ACCOUNT, numberOf(0), null))).toBe('too_many_kept')
    expect(await desk.list(ORG)).toHaveLength(1_000)
    expect(await codeOf(desk.begin(ACCOUNT, numberOf(1), Date.now() + 60_000))).toBe('done')
    await desk.end(ACCOUNT, numberOf(1))
    expect(await codeOf(desk.begin(ACCOUNT, numberOf(0), null))).toBe('done')
  }, 60_000)
})
