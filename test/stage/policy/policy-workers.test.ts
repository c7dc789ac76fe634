import { describe, expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { PolicyQuestion } from '../../../plugin/contract/policy.ts'
import { ENDLESS, SLOW_CALL, slowFor } from '../../support/endless-policy.ts'
import { PAGE_POLICY, policiesOf } from '../../support/policy-folder.ts'
import { READ, WRITE } from '../../support/policies.ts'
import { ORG } from '../../support/store.ts'

const OTHER = 'org_other' as OrgId
const STOPPED = { verdict: 'deny', rule: null, reason: 'The policies took too long, and were stopped.' }
const SUSPENDED = {
  verdict: 'deny',
  rule: null,
  reason: expect.stringContaining('three times within an hour') as string,
}

const asOwner = (action: string): PolicyQuestion => ({ ...SLOW_CALL, user: 'usr_owner', role: 'owner', action })

async function endless() {
  const org = await policiesOf()
  await org.policies.put(ORG, { name: 'endless', source: ENDLESS })
  const judge = (question: PolicyQuestion) => org.policies.judge(question)
  const status = async () => (await org.policies.list(ORG)).status
  return { ...org, judge, status }
}

describe('a policy that comes to no end', () => {
  it('holds up nobody else, and is a no that says so', async () => {
    await using org = await endless()
    await org.policies.put(OTHER, { name: 'whatsapp', source: PAGE_POLICY })
    expect(await org.judge({ ...READ, org: OTHER })).toEqual({ verdict: 'allow' })
    const order: string[] = []
    const judged = async (name: string, question: PolicyQuestion) => {
      const verdict = await org.judge(question)
      order.push(name)
      return verdict
    }
    const slow = Array.from({ length: 3 }, () => judged('endless', slowFor('usr_mallory')))
    expect(await judged('another org', { ...WRITE, org: OTHER })).toMatchObject({ rule: 'agentcy.connectors.deny' })
    for (const verdict of await Promise.all(slow)) expect(verdict).toEqual(STOPPED)
    expect(order.indexOf('another org')).toBeLessThan(3)
    expect(await judged('the same org', READ)).toEqual({ verdict: 'allow' })
  })

  it('is suspended when that was three times within an hour: it denies everything but what an owner needs, and says so', async () => {
    await using org = await endless()
    for (let times = 0; times < 3; times += 1) expect(await org.judge(SLOW_CALL)).toEqual(STOPPED)
    for (const policies of [org.policies, await org.restarted()]) {
      expect(await policies.list(ORG)).toMatchObject({
        status: 'suspended',
        problems: [{ file: '', message: expect.stringContaining('until an owner changes or reloads them') as string }],
      })
      expect(await policies.judge(READ)).toMatchObject(SUSPENDED)
      expect(await policies.judge(SLOW_CALL)).toMatchObject(SUSPENDED)
      expect(await policies.judge(asOwner('channel.list'))).toMatchObject(SUSPENDED)
      for (const action of [
        'policy.list',
        'policy.get',
        'policy.update',
        'policy.delete',
        'policy.test',
        'channel.reload',
      ]) {
        expect(await policies.judge(asOwner(action))).toEqual({ verdict: 'allow' })
        expect(await policies.judge({ ...asOwner(action), role: 'admin' })).toMatchObject(SUSPENDED)
      }
    }
    expect(org.lines.map(({ event }) => event)).toContain('policies suspended')
  })

  it.each(['put', 'remove', 'reload'] as const)('is in force again once it is changed: %s', async change => {
    await using org = await endless()
    for (let times = 0; times < 3; times += 1) await org.judge(SLOW_CALL)
    expect(await org.status()).toBe('suspended')
    if (change === 'put') await org.policies.put(ORG, { name: 'endless', source: ENDLESS })
    else if (change === 'remove') await org.policies.remove(ORG, 'endless')
    else await org.policies.reload()
    for (const policies of [org.policies, await org.restarted()]) {
      expect((await policies.list(ORG)).status).toBe('in_force')
      expect(await policies.judge(READ)).toEqual({ verdict: 'allow' })
    }
  })

  it('is never suspended by what one person writes, but by three of them', async () => {
    await using org = await endless()
    for (let times = 0; times < 5; times += 1) expect(await org.judge(slowFor('usr_mallory'))).toEqual(STOPPED)
    expect(await org.judge(slowFor('usr_alice'))).toEqual(STOPPED)
    expect(await org.status()).toBe('in_force')
    expect(await org.judge(slowFor('usr_bob'))).toEqual(STOPPED)
    expect(await org.status()).toBe('suspended')
  })

  it('may be tried as often as somebody likes', async () => {
    await using org = await endless()
    const { message: _, ...input } = { ...SLOW_CALL, subject: { user_id: 'usr_1' }, context: {}, env: {}, claimed: {} }
    for (let times = 0; times < 3; times += 1) {
      const reason = 'The policies took too long, and were stopped.'
      expect(await org.policies.trial(ORG, input)).toMatchObject({ decision: 'deny', rules: [], reason })
    }
    expect(await org.status()).toBe('in_force')
  })

  it('does not come into force when it is endless about everything', async () => {
    await using org = await policiesOf()
    const source = ENDLESS.replace('input.action == "channel.schema"', 'input.action')
    await expect(org.policies.put(ORG, { name: 'endless', source })).rejects.toMatchObject({
      code: 'policy_refused',
      message: 'They take too long to be loaded or to be asked.',
    })
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
  })

  it('is ended with everything else, and nobody is let through by that', async () => {
    await using org = await endless()
    expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
    const slow = org.judge(SLOW_CALL)
    const behind = org.judge(READ)
    // By now the first one is being evaluated.
    await new Promise(setImmediate)
    await org.jobs.close()
    expect(await slow).toMatchObject({ verdict: 'deny', rule: null })
    expect(await behind).toMatchObject({ verdict: 'deny', rule: null })
    expect(await org.judge(READ)).toEqual({ verdict: 'deny', rule: null, reason: 'The policies are not asked now.' })
  })
})

it('a policy that takes all memory denies, and hurts nobody else', async () => {
  await using org = await policiesOf()
  const hungry = 'deny[sprintf("%0400000000d", [1])] { input.action == "channel.schema" }'
  await org.policies.put(ORG, { name: 'hungry', source: `package agentcy.hungry\n\n${hungry}\n` })
  await org.policies.put(OTHER, { name: 'whatsapp', source: PAGE_POLICY })
  for (let times = 0; times < 2; times += 1) {
    expect(await org.policies.judge(SLOW_CALL)).toMatchObject({ verdict: 'deny', rule: null })
    expect(await org.policies.judge({ ...READ, org: OTHER })).toEqual({ verdict: 'allow' })
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
  }
})

it('the policies that an org begins with need no worker, until somebody makes up an input for them', async () => {
  await using org = await policiesOf()
  await org.jobs.close()
  expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
  expect(await org.policies.judge(WRITE)).toMatchObject({ rule: 'agentcy.connectors.deny' })
  const input = { subject: {}, action: 'x', resource: {}, context: {}, env: {}, claimed: {} }
  const reason = 'The policies are not asked now.'
  expect(await org.policies.trial(ORG, input)).toMatchObject({ decision: 'deny', rules: [], reason })
})
