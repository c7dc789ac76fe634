import { join } from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { ENDLESS, SLOW_CALL } from '../../support/endless-policy.ts'
import { READ, WRITE } from '../../support/policies.ts'
import { bundleOf, PAGE_POLICY, policiesOf } from '../../support/policy-folder.ts'
import { ORG } from '../../support/store.ts'

/** So often a worker is asked before a set is loaded into the event loop. */
const ASKED_FIRST = 10
const PATIENCE = { timeout: 20_000 }
const OTHER = 'org_other' as OrgId
/** What the starters say of it is put together by a function that is not offered in the event loop. */
const FORMATTED = { ...READ, resource: { ...READ.resource, tool: 'shell.execute' } }
const CLOSED = 'package agentcy.own\n\ndeny["closed"] { input.subject.role != "owner" }\n'

/** An org with a policy of its own, which has been judged without a worker; how much the workers were asked since. */
async function settled(source = PAGE_POLICY) {
  const org = await policiesOf()
  const asked = vi.spyOn(org.jobs, 'run')
  const judge = (question = READ) => org.policies.judge(question)
  const judgedHere = async (question = READ) => {
    asked.mockClear()
    await judge(question)
    expect(asked).not.toHaveBeenCalled()
  }
  const put = async (id: OrgId, policy: string) => {
    await org.policies.put(id, { name: 'own', source: policy })
    for (let times = 0; times < ASKED_FIRST; times += 1) await judge({ ...READ, org: id })
    await vi.waitFor(() => judgedHere({ ...READ, org: id }), PATIENCE)
  }
  await put(ORG, source)
  return { ...org, asked, judge, judgedHere, put }
}

describe('what a tenant has written is judged in the event loop', () => {
  it('without any worker, once it is loaded', async () => {
    await using org = await settled()
    expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
    expect(await org.judge(WRITE)).toMatchObject({ verdict: 'deny', rule: 'agentcy.connectors.deny' })
    expect(org.asked).not.toHaveBeenCalled()
  })

  it('and in a worker when it asks for a function of the host, then and for a minute', async () => {
    await using org = await settled()
    const says = { verdict: 'deny', rule: 'agentcy.tools.deny', reason: 'shell.execute is not for viewers' }
    expect(await org.judge(FORMATTED)).toEqual(says)
    expect(org.asked).toHaveBeenCalled()
    org.asked.mockClear()
    expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
    expect(org.asked).toHaveBeenCalledTimes(1)
  })

  it('and in a worker when its instructions are used up, where it is ended by time', async () => {
    await using org = await settled(ENDLESS)
    expect(await org.judge(SLOW_CALL)).toMatchObject({ verdict: 'deny', reason: expect.stringContaining('too long') })
    expect(org.asked).toHaveBeenCalled()
  })

  it('and in a worker for a while when its org has used its share of the loop, which takes nothing from others', async () => {
    await using org = await settled()
    await org.put(OTHER, PAGE_POLICY)
    vi.spyOn(org.shares, 'isAlone').mockReturnValue(false)
    while (org.asked.mock.calls.length === 0) {
      expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
      await new Promise(setImmediate)
    }
    org.asked.mockClear()
    expect(await org.judge({ ...READ, org: OTHER })).toEqual({ verdict: 'allow' })
    expect(org.asked).not.toHaveBeenCalled()
    await vi.waitFor(() => org.judgedHere(), PATIENCE)
  })

  it('and always in a worker when one of them was uploaded: it may be any module', async () => {
    await using org = await settled()
    await bundleOf('package agentcy.bundled\n\ndeny["x"] { input.action == "x" }\n', join(org.folder(), 'shop.tar.gz'))
    await org.policies.reload()
    for (let times = 0; times < 5; times += 1) {
      org.asked.mockClear()
      expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
      expect(org.asked).toHaveBeenCalled()
      await new Promise(setImmediate)
    }
  })

  it('by what is in force now', async () => {
    await using org = await settled()
    expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
    await org.policies.put(ORG, { name: 'own', source: CLOSED })
    for (let times = 0; times < 3; times += 1) {
      expect(await org.judge(READ)).toEqual({ verdict: 'deny', rule: 'agentcy.own.deny', reason: 'closed' })
    }
    await org.policies.remove(ORG, 'own')
    expect(await org.judge(READ)).toEqual({ verdict: 'allow' })
  })
})
