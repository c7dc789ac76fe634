import { describe, expect, it } from 'vitest'

import { emptyStore, given } from '../../support/store.ts'
import { contact, tenant } from '../../support/tenants.ts'
import { outboxOf } from '../../support/unpaced-outbox.ts'

describe('the sends of an account', () => {
  it.each([
    ['of another org', 'org_b'],
    ['of the same org', 'org_a'],
  ])('go out at once, however many of one %s WhatsApp never answers', async (_, org) => {
    await using opened = await emptyStore()
    const { store } = opened
    const [stuck, free] = [await tenant(store, org, 1), await tenant(store, 'org_a', 2)]
    const out = outboxOf(store)
    out.gateway.answer = ({ account }) =>
      account === free.account ? { outcome: 'sent' } : new Promise<never>(() => undefined)
    await out.outbox.connected(stuck, stuck.number)
    await out.outbox.connected(free, free.number)
    const say = (key: typeof stuck, n: number) =>
      out.sending.send(key, { to: given(contact(n).phone), text: 'hello' }, null)
    for (let n = 0; n < 40; n += 1) await say(stuck, n)
    const { id } = await say(free, 0)
    expect((await out.line('send settled')).fields).toMatchObject({ send: id, outcome: 'sent' })
    await out.outbox.stop()
  })
})
