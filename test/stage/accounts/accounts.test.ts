import { describe, expect, it } from 'vitest'

import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { AccountKey } from '../../../plugin/contract/ids.ts'
import { Explanations } from '../../../plugin/routing/explain-message.ts'
import { isConfirmed } from '../../../plugin/store/accounts/accounts.ts'
import { addBinding, listBindings } from '../../../plugin/store/accounts/bindings.ts'
import { accountTown, DESK, keyOf, link, OTHER, receiverAt, SALES, SALES_NUMBER } from '../../support/account-town.ts'
import { ALICE, emptyStore, given, ORG, OUR_NUMBER, textFrom } from '../../support/store.ts'
import { patternsInPlace } from '../../support/job-runner.ts'

const refusal = async (promise: Promise<unknown>) => asChannelError(await promise.catch((error: unknown) => error))

describe('several accounts of an org', () => {
  it('are linked and unpaired apart, and shown in the order of their names with their numbers', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await town.links.configure(SALES, { fields: { display_name: 'Sales' } })
    expect(await link(town, SALES, SALES_NUMBER)).toEqual({ status: 'connected', phone: SALES_NUMBER })
    const [alone] = await town.accounts.catalog(ORG)
    expect(alone).toMatchObject({ display_name: null, configured: true, connection: { phone: SALES_NUMBER } })
    expect(await link(town, DESK)).toEqual({ status: 'connected', phone: OUR_NUMBER })
    await town.links.configure(keyOf('archive'), { fields: {} })
    const [channel] = await town.accounts.catalog(ORG)
    expect(channel?.accounts).toMatchObject([
      { account: 'archive', phone: null, connection: { status: 'not_paired' } },
      { account: 'default', phone: OUR_NUMBER, connection: { status: 'connected', phone: OUR_NUMBER } },
      { account: 'sales', phone: SALES_NUMBER, connection: { status: 'connected', phone: SALES_NUMBER } },
    ])
    expect(channel).toMatchObject({ configured: true, connection: { phone: OUR_NUMBER } })
    await town.links.unpair(keyOf('archive'))
    expect(await town.links.unpair(DESK)).toEqual({ unlinked: true })
    await town.heard()
    expect(await town.accounts.catalog(ORG)).toMatchObject([
      { configured: true, connection: { phone: SALES_NUMBER }, accounts: [{ account: 'sales' }] },
    ])
    expect(await town.accounts.catalog(OTHER.org)).toMatchObject([{ configured: false, accounts: [] }])
  })

  it('are never guessed: whoever names none means default, and is told to name one', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    expect(await refusal(town.links.unpair(DESK))).toMatchObject({
      code: 'channel_not_configured',
      message: 'The account is not configured. Call POST /api/v1/channels/whatsapp/configure first.',
    })
    await link(town, SALES)
    for (const refused of [
      town.sending.send(DESK, { to: given(ALICE.phone), text: 'hello' }, null),
      town.links.unpair(DESK),
      town.links.test(DESK),
      town.links.startPairing(DESK),
    ]) {
      expect(await refusal(refused)).toMatchObject({
        code: 'channel_not_configured',
        message: expect.stringContaining('use one of them as "account"') as string,
      })
    }
    const sent = await town.sending.send(SALES, { to: given(ALICE.phone), text: 'hello' }, 'key')
    expect(sent).toMatchObject({ account: 'sales', status: 'accepted' })
    expect(town.gateway.textsOf(DESK)).toEqual([])
  })

  it('have names that more than their case tells apart', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await town.links.configure(SALES, { fields: {} })
    const twin = town.links.configure(keyOf('Sales'), { fields: {} })
    expect(await refusal(twin)).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('capital or small letters') as string,
    })
    await town.links.configure(SALES, { fields: { display_name: 'again' } })
    await town.links.configure(keyOf('Sales', OTHER.org), { fields: {} })
  })

  it('take in what was written to their own number, and a rule tells them apart by it', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    await link(town, SALES, SALES_NUMBER)
    await opened.store.transaction(async trx => {
      await addBinding(trx, ORG, { agent: 'seller', rule: { to: SALES_NUMBER } })
      await addBinding(trx, ORG, { agent: 'echo', rule: { to: OUR_NUMBER } })
    })
    await town.links.confirm(DESK, OUR_NUMBER)
    await town.links.confirm(SALES, SALES_NUMBER)
    // Of the same person, and under the same id.
    const message = textFrom(ALICE, 'hello')
    town.gateway.receive(DESK, message)
    town.gateway.receive(SALES, { ...message, ...receiverAt(SALES_NUMBER) })
    await Promise.all([town.inbox.wake(DESK), town.inbox.wake(SALES)])
    town.gateway.receive(SALES, { ...message, ...receiverAt(SALES_NUMBER) })
    await town.inbox.wake(SALES)
    const agents = new Map((await listBindings(opened.store.connection, ORG)).map(({ id, agent }) => [id, agent]))
    const { messages: all } = await town.history.list(ORG, { account: null, before: null, limit: 10 })
    const taken = all.map(({ account, to, binding_id }) => ({ account, to, agent: agents.get(binding_id ?? '') }))
    expect(taken.toSorted((one, other) => one.account.localeCompare(other.account))).toEqual([
      { account: 'default', to: OUR_NUMBER, agent: 'echo' },
      { account: 'sales', to: SALES_NUMBER, agent: 'seller' },
    ])
    const { messages: ofSales } = await town.history.list(ORG, { account: SALES.account, before: null, limit: 10 })
    expect(ofSales).toEqual(all.filter(({ account }) => account === 'sales'))
    const before = given(ofSales[0]).id
    expect(await town.history.list(ORG, { account: SALES.account, before, limit: 10 })).toEqual({
      messages: [],
      more: false,
    })
  })

  it('are confirmed one by one, each by the number that was shown', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    await link(town, SALES, SALES_NUMBER)
    await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: {} }))
    town.gateway.receive(DESK, textFrom(ALICE, 'to the desk'))
    town.gateway.receive(SALES, textFrom(ALICE, 'to sales', receiverAt(SALES_NUMBER)))
    await Promise.all([town.inbox.wake(DESK), town.inbox.wake(SALES)])
    const outcomes = async () => {
      const { messages: all } = await town.history.list(ORG, { account: null, before: null, limit: 10 })
      return Object.fromEntries(all.map(({ account, outcome }) => [account, outcome]))
    }
    // It is linked elsewhere, and nobody was shown it here.
    await town.links.confirm(SALES, OUR_NUMBER)
    expect(await isConfirmed(opened.store.connection, SALES, OUR_NUMBER)).toBe(false)
    await town.links.confirm(DESK, OUR_NUMBER)
    expect(await outcomes()).toEqual({ default: 'matched', sales: 'unmatched: link_unconfirmed' })
    await town.links.confirm(SALES, SALES_NUMBER)
    expect(await outcomes()).toEqual({ default: 'matched', sales: 'matched' })
  })

  it('are all disconnected and connected anew by a reload, and by a gateway that comes back', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    for (const [key, phone] of [
      [DESK, OUR_NUMBER],
      [SALES, SALES_NUMBER],
    ] as const)
      await link(town, key, phone)
    await town.links.configure(OTHER, { fields: {} })
    const asked: string[] = []
    town.gateway.before = (name, { org, account }) => void asked.push(`${name} ${org}/${account}`)
    const names = ['org_other/default', 'org_test/default', 'org_test/sales']
    const opening = names.map(name => `account.open ${name}`)
    await town.links.reloadAll()
    expect(asked.splice(0).filter(name => name.startsWith('account.'))).toEqual([
      ...names.map(name => `account.close ${name}`),
      ...opening,
    ])
    town.gateway.die()
    town.accounts.gatewayDown()
    await town.links.openAll()
    expect(asked.filter(name => name.startsWith('account.'))).toEqual(opening)
    await town.heard()
    for (const key of [DESK, SALES]) expect(town.accounts.state(key)).toMatchObject({ status: 'connected' })
  })

  it('are told apart by whoever asks who would answer: by the number, else by the name', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    await link(town, SALES, SALES_NUMBER)
    await town.links.confirm(SALES, SALES_NUMBER)
    await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'seller', rule: { to: SALES_NUMBER } }))
    const explanations = new Explanations({
      store: opened.store,
      alsoAnswered: () => new Set(),
      patterns: patternsInPlace,
    })
    const message = { from: given(ALICE.phone), text: 'hello', mentioned: false }
    const asked = async (more: { to?: string; account?: string }) =>
      (await explanations.of(ORG, { message: { ...message, ...more } })).reason
    expect(await asked({ to: SALES_NUMBER })).toBeNull()
    expect(await asked({ account: 'sales' })).toBeNull()
    expect(await asked({})).toBe('link_unconfirmed')
    expect(await asked({ account: 'sales', to: OUR_NUMBER })).toBe('link_unconfirmed')
  })

  it('under one idempotency key are not one send', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    await link(town, SALES, SALES_NUMBER)
    const ask = (key: AccountKey) => town.sending.send(key, { to: given(ALICE.phone), text: 'hello' }, 'key-1')
    const { id } = await ask(SALES)
    expect((await ask(SALES)).id).toBe(id)
    expect(await refusal(ask(DESK))).toMatchObject({ code: 'idempotency_key_reused' })
  })

  it('are watched also before they are configured, by one whether or not another still does', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    const ended = new AbortController()
    const watched = town.accounts.watch(SALES, ended.signal)
    expect((await watched.next()).value).toEqual({ status: 'not_configured' })
    const second = town.accounts.watch(SALES, new AbortController().signal)
    await second.next()
    await watched.return()
    const next = second.next()
    await town.links.configure(SALES, { fields: {} })
    expect((await next).value).toEqual({ status: 'not_paired', reason: null })
  })
})
