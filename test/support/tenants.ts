import { Ingest } from '../../plugin/inbox/ingest.ts'
import { parseAccountName, parseOrgId, parsePhone, type AccountKey, type Phone } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { claimNumber, configureAccount, confirmNumber } from '../../plugin/store/accounts/accounts.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import { rulesThatSay } from './rules.ts'
import { given, person, textFrom } from './store.ts'

/** A linked account, and its number. */
export type Tenant = AccountKey & { readonly number: Phone }

/** A linked account of an org: the n-th of them all. */
export async function tenant(store: Store, org: string, n: number): Promise<Tenant> {
  const key = { org: given(parseOrgId(org)), account: given(parseAccountName(`phone${n}`)) }
  const number = given(parsePhone(`+9725100${String(n).padStart(5, '0')}`))
  await configureAccount(store.connection, key, { displayName: null })
  await claimNumber(store.connection, key, number)
  await confirmNumber(store.connection, key, number)
  return { ...key, number }
}

/** The n-th of many people. */
export const contact = (n: number) => person(String(300_000_000_000_000 + n), String(972_520_000_000 + n))

/** Each of `count` people writes to an account, whose binding takes it. */
export async function manyWrite(
  store: Store,
  { number, ...key }: Tenant,
  { count, text, from = 0, more = {} }: Crowd,
): Promise<void> {
  await store.transaction(async trx => {
    const binding = await addBinding(trx, key.org, { agent: 'echo', rule: {} })
    const admission = new Ingest(trx, key, rulesThatSay({ outcome: 'matched', binding }))
    for (let n = from; n < from + count; n += 1)
      await admission.message(textFrom(contact(n), text, { receiver: { lid: null, phone: number }, ...more }))
  })
}

/** People who all write the same. */
type Crowd = {
  readonly count: number
  readonly text: string
  readonly from?: number
  readonly more?: Partial<InboundMessage>
}
