import { describe, expect, it } from 'vitest'

import { RuleCache } from '../../../plugin/routing/rule-cache.ts'
import { addBinding, removeBinding } from '../../../plugin/store/accounts/bindings.ts'
import { ALICE, ORG, US, direct, emptyStore, given } from '../../support/store.ts'
import { parseOrgId } from '../../../plugin/contract/ids.ts'

const OTHER_ORG = given(parseOrgId('org_other'))
const question = { chat: direct(ALICE), sender: ALICE, receiver: US, text: 'hello', mentioned: false }

/** The rule cache before a store, and what changes the bindings in it. */
async function resolving() {
  const opened = await emptyStore()
  const { store } = opened
  const ruleCache = new RuleCache()
  return {
    rules: (org = ORG) => store.transaction(trx => ruleCache.rulesOf(trx, org)),
    add: (agent: string, org = ORG) => store.transaction(trx => addBinding(trx, org, { agent, rule: {} })),
    remove: (id: string) => store.transaction(trx => removeBinding(trx, ORG, id)),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

describe('the cached rules of an org', () => {
  it('are made once for as long as its bindings stand, whatever becomes of those of others', async () => {
    await using store = await resolving()
    await store.add('echo')
    const made = await store.rules()
    await store.add('echo', OTHER_ORG)
    await store.remove('bnd_that_is_not_there')
    expect(await store.rules()).toBe(made)
    expect(await store.rules(OTHER_ORG)).not.toBe(made)
  })

  it('are those of the moment, also when as many bindings came as went', async () => {
    await using store = await resolving()
    const answers = async () => {
      const resolution = (await store.rules()).resolve(question)
      return resolution.outcome === 'matched' ? resolution.binding.agent : resolution.reason
    }
    expect(await answers()).toBe('no_binding')
    const { id } = await store.add('first')
    expect(await answers()).toBe('first')
    await store.remove(id)
    await store.add('second')
    expect(await answers()).toBe('second')
  })
})
