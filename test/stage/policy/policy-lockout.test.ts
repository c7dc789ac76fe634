import { describe, expect, it } from 'vitest'

import { PROCEDURES } from '../../../plugin/api/trpc/procedures.ts'
import type { PolicyQuestion } from '../../../plugin/contract/policy.ts'
import { compile } from '../../../plugin/policy/compiler/compiler.ts'
import { Engine } from '../../../plugin/policy/engine.ts'
import { lockOutsOf } from '../../../plugin/policy/lock-outs.ts'
import { OpaBinary } from '../../../plugin/policy/compiler/opa-binary.ts'
import { OWNERS_CALLS } from '../../../plugin/policy/owners-calls.ts'
import { PACKAGED, policiesOf } from '../../support/policy-folder.ts'
import { READ } from '../../support/policies.ts'
import { ORG } from '../../support/store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const policy = (name: string, ...bodies: string[]): string =>
  `package agentcy.${name}\n\n${bodies.map(body => `deny["locked"] { ${body} }`).join('\n')}\n`

const dayIn = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)

/** Would deny an owner one of the calls by which policies are seen and changed. */
const LOCKING: readonly [string, string][] = [
  ['everything', 'true'],
  ['seeing which there are', 'input.action == "policy.list"'],
  ['reading one', 'input.action == "policy.get"'],
  ['writing one', 'input.action == "policy.update"'],
  ['deleting one', 'input.action == "policy.delete"'],
  ['all but one call', 'input.action != "policy.delete"; input.action != "chat.tool.execute"'],
  ['by what is called', 'input.resource.procedure == "policies.put"'],
  ['by the role', 'input.subject.role == "owner"; startswith(input.action, "policy.")'],
  ['by who is not an admin', 'input.subject.channel == "api"; input.subject.role != "admin"'],
  ['by whom it is', 'input.action == "policy.update"; input.subject.user_id != "usr_boss"'],
  ['by the org', `input.action == "policy.update"; input.subject.org_id == "${ORG}"`],
  ['by what is not known of a call', 'input.action == "policy.update"; input.subject.sender == null'],
  ['in some hour of a day', 'input.action == "policy.update"; substring(input.env.now, 11, 2) == "03"'],
  ['on a day of next week', `input.action == "policy.update"; startswith(input.env.now, "${dayIn(6)}")`],
  ['in a year from now', `input.action == "policy.update"; input.env.now > "${dayIn(366)}"`],
  ['in ten years from now', `input.action == "policy.delete"; input.env.now > "${dayIn(3_660)}"`],
]

/** Leaves owners those calls, whatever else it denies to whomever. */
const LEAVING: readonly [string, string][] = [
  ['everybody else everything', 'input.subject.role != "owner"'],
  ['an admin to change policies', 'input.subject.role == "admin"; startswith(input.action, "policy.")'],
  ['an owner everything else', 'input.subject.role == "owner"; not startswith(input.action, "policy.")'],
  ['an owner to try them', 'input.action == "policy.test"'],
]

const asOwner = (action: string): PolicyQuestion => ({
  ...READ,
  user: 'usr_boss',
  role: 'owner',
  channel: 'api',
  action,
  resource: { channel: 'whatsapp' },
  message: null,
})

describe('policies that would deny an owner to see and change policies', () => {
  it('are refused with the rule that would, and nothing changes', async () => {
    await using org = await policiesOf()
    const refused = org.policies.put(ORG, { name: 'lock', source: policy('lock', 'true') })
    await expect(refused).rejects.toMatchObject({
      code: 'policy_refused',
      message:
        'agentcy.lock.deny would deny an owner "policy.list", and nobody could change these policies any more. Leave owners out of it: input.subject.role != "owner".',
      more: { problems: [{ file: '', row: null, column: null }] },
    })
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
    await expect(org.policies.find(ORG, 'lock')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are those, and only those, that would do so to whichever owner and whenever', async () => {
    const rows = [...LOCKING, ...LEAVING].map(([, body], index) => ({ name: `p${index}`, body }))
    const sources = rows.map(({ name, body }) => ({ name, source: policy(name, body) }))
    const compiled = await compile(sources, new OpaBinary(PACKAGED))
    if (compiled.status === 'refused') throw new Error(JSON.stringify(compiled.problems))
    const rules = new Set(lockOutsOf([Engine.of(compiled.module)], ORG, new Date()).map(({ rule }) => rule))
    const named = ([name]: readonly [string, string], index: number) => [name, rules.has(`agentcy.p${index}.deny`)]
    expect([...LOCKING, ...LEAVING].map(named)).toEqual([
      ...LOCKING.map(([name]) => [name, true]),
      ...LEAVING.map(([name]) => [name, false]),
    ])
  })

  it('are taken when they leave owners that', async () => {
    await using org = await policiesOf()
    for (const [index, [, body]] of LEAVING.entries()) {
      await org.policies.put(ORG, { name: `p${index}`, source: policy(`p${index}`, body) })
    }
    expect(await org.policies.judge(asOwner('binding.create'))).toMatchObject({ verdict: 'deny' })
    expect(await org.policies.judge(asOwner('policy.update'))).toEqual({ verdict: 'allow' })
  })

  it('are not in force when they lie in the folder: the last good ones are', async () => {
    await using org = await policiesOf()
    await org.policies.judge(READ)
    await org.edit('lock.rego', policy('lock', 'true'))
    await org.policies.reload()
    expect(await org.policies.list(ORG)).toMatchObject({
      status: 'last_good',
      problems: [{ file: '', message: expect.stringContaining('would deny an owner') as string }],
    })
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
  })

  it('are not reached by taking one away either', async () => {
    await using org = await policiesOf()
    await org.empty()
    await org.policies.put(ORG, { name: 'open', source: 'package agentcy.open\n\nowners = true { input.action }\n' })
    const source = 'package agentcy.lock\n\ndeny["locked"] { not data.agentcy.open.owners }\n'
    await org.policies.put(ORG, { name: 'lock', source })
    await expect(org.policies.remove(ORG, 'open')).rejects.toMatchObject({ code: 'policy_refused' })
    expect((await org.policies.list(ORG)).policies.map(({ name }) => name)).toEqual(['lock', 'open'])
  })

  it('deny everybody everything when there were no good ones before, but an owner that', async () => {
    await using org = await policiesOf()
    await org.empty()
    await org.edit('lock.rego', policy('lock', 'true'))
    expect(await org.policies.judge(asOwner('channel.list'))).toMatchObject({ verdict: 'deny', rule: null })
    for (const { action } of OWNERS_CALLS) {
      expect(await org.policies.judge(asOwner(action))).toEqual({ verdict: 'allow' })
      for (const role of ['admin', 'member', 'viewer'] as const) {
        expect(await org.policies.judge({ ...asOwner(action), role })).toMatchObject({ verdict: 'deny' })
      }
      expect(await org.policies.judge({ ...asOwner(action), channel: 'whatsapp' })).toMatchObject({ verdict: 'deny' })
    }
    await org.policies.remove(ORG, 'lock')
    expect((await org.policies.list(ORG)).status).toBe('none')
  })

  it('do not, when it comes to it, by something that nobody could foresee', async () => {
    await using org = await policiesOf()
    const body = 'input.subject.user_id == "usr_boss"'
    await org.policies.put(ORG, { name: 'lock', source: policy('lock', body) })
    expect(await org.policies.judge(asOwner('policy.delete'))).toEqual({ verdict: 'allow' })
    expect(await org.policies.judge(asOwner('policy.test'))).toMatchObject({ verdict: 'deny' })
  })
})

it('the calls that are an owner’s whatever policies say are called what the API calls them', () => {
  for (const { action, procedure } of OWNERS_CALLS) {
    expect(PROCEDURES).toHaveProperty([procedure, '_def', 'meta', 'action'], action)
  }
})
