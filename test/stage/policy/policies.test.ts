import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { compile } from '../../../plugin/policy/compiler/compiler.ts'
import { OpaBinary } from '../../../plugin/policy/compiler/opa-binary.ts'
import { readStarters } from '../../../plugin/policy/starters.ts'
import { bundleOf, MISSING, PACKAGED, PAGE_POLICY, policiesOf } from '../../support/policy-folder.ts'
import { READ, WRITE } from '../../support/policies.ts'
import { ORG } from '../../support/store.ts'

const OTHER = 'org_other' as OrgId
const denying = (rule: string) => ({ verdict: 'deny', rule })
/** Denies everything to all but owners, under its own name. */
const closed = (name: string) =>
  `package agentcy.${name}\n\ndeny[msg] { input.subject.role != "owner"; msg := "closed" }\n`
const BROKEN = 'package agentcy.whatsapp\n\ndeny[msg] {\n  msg := \n}\n'

describe('the policies that an org begins with', () => {
  it('are compiled already, and that is what the compiler makes of them', async () => {
    const { sources, module } = await readStarters()
    const compiled = await compile(sources, new OpaBinary(PACKAGED))
    expect(compiled.status === 'compiled' && Buffer.compare(compiled.module, module)).toBe(0)
  })

  it('are in force without a compiler', async () => {
    await using org = await policiesOf(MISSING)
    expect(await org.policies.judge(WRITE)).toMatchObject(denying('agentcy.connectors.deny'))
    expect(await org.policies.list(ORG)).toMatchObject({
      status: 'in_force',
      policies: [{ name: 'agentcy' }, { name: 'api' }, { name: 'connectors' }, { name: 'tools' }],
      problems: [],
    })
  })

  it('work as the documents describe them', async () => {
    await using org = await policiesOf(MISSING)
    const judged = async (question: typeof WRITE) => {
      const verdict = await org.policies.judge(question)
      return verdict.verdict === 'deny' ? verdict.rule : verdict.verdict
    }
    const destructive = { ...WRITE, resource: { ...WRITE.resource, tool_effect: 'destructive' } }
    expect(await judged({ ...READ, user: '' })).toBe('agentcy.deny')
    expect(await judged({ ...READ, requestId: '' })).toBe('agentcy.deny')
    expect(await judged(READ)).toBe('allow')
    expect(await judged(WRITE)).toBe('agentcy.connectors.deny')
    expect(await judged(destructive)).toBe('agentcy.connectors.deny')
    expect(await judged({ ...WRITE, approvalGranted: true })).toBe('allow')
    expect(await judged({ ...WRITE, role: 'admin' })).toBe('allow')
    expect(await judged({ ...WRITE, role: 'member' })).toBe('agentcy.connectors.deny')
    const shell = { ...READ, resource: { ...READ.resource, tool: 'shell.execute' } }
    expect(await judged({ ...shell, approvalGranted: true })).toBe('agentcy.tools.deny')
    expect(await judged({ ...shell, role: 'member' })).toBe('allow')
    const call = { ...READ, channel: 'api', action: 'binding.create', resource: {}, message: null } as const
    expect(await judged(call)).toBe('agentcy.api.deny')
    expect(await judged({ ...call, role: 'owner' })).toBe('allow')
    expect(await judged({ ...call, action: 'binding.list' })).toBe('allow')
  })

  it('let sources be deleted in business hours only', async () => {
    await using org = await policiesOf(MISSING)
    const at = async (now: string) => {
      const input = { subject: { user_id: 'usr_1', role: 'owner' }, action: 'source.delete', env: { now } }
      const context = { request_id: 'req_1', approval_granted: false }
      return (await org.policies.trial(ORG, { ...input, context, resource: {} } as never)).decision
    }
    expect(await at('2026-04-24T12:00:00Z')).toBe('allow')
    expect(await at('2026-04-24T07:59:59Z')).toBe('deny')
    expect(await at('2026-04-24T18:00:00Z')).toBe('deny')
  })
})

describe('a policy', () => {
  it('is in force as soon as it is written, and out of it once it is deleted', async () => {
    await using org = await policiesOf()
    await org.policies.put(ORG, { name: 'closed', source: closed('closed') })
    expect(await org.policies.judge(READ)).toMatchObject({ ...denying('agentcy.closed.deny'), reason: 'closed' })
    expect(await org.policies.find(ORG, 'closed')).toEqual({ name: 'closed', source: closed('closed') })
    await org.policies.remove(ORG, 'closed')
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
    await expect(org.policies.remove(ORG, 'closed')).rejects.toMatchObject({ code: 'not_found' })
    await expect(org.policies.find(ORG, 'closed')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('that does not compile is refused with row and column, and the one before stays in force', async () => {
    await using org = await policiesOf()
    await org.policies.put(ORG, { name: 'whatsapp', source: PAGE_POLICY })
    const refused = org.policies.put(ORG, { name: 'whatsapp', source: BROKEN })
    await expect(refused).rejects.toMatchObject({
      code: 'policy_refused',
      message: 'whatsapp.rego:5:1: unexpected } token',
      more: { problems: [{ file: 'whatsapp', row: 5, column: 1 }] },
    })
    expect(await org.policies.find(ORG, 'whatsapp')).toMatchObject({ source: PAGE_POLICY })
    expect((await org.policies.list(ORG)).status).toBe('in_force')
  })

  it('of one org is none of another', async () => {
    await using org = await policiesOf()
    await org.policies.put(ORG, { name: 'closed', source: closed('closed') })
    expect(await org.policies.judge({ ...READ, org: OTHER })).toEqual({ verdict: 'allow' })
    await expect(org.policies.find(OTHER, 'closed')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('that is edited in the folder is in force after a reload, and not before', async () => {
    await using org = await policiesOf()
    await org.policies.judge(READ)
    await org.edit('closed.rego', closed('closed'))
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
    await org.policies.reload()
    expect(await org.policies.judge(READ)).toMatchObject(denying('agentcy.closed.deny'))
    await org.policies.confirm(ORG)
  })

  it('that is broken in the folder leaves the last good ones in force, also after a restart', async () => {
    await using org = await policiesOf()
    await org.policies.put(ORG, { name: 'closed', source: closed('closed') })
    await org.edit('whatsapp.rego', BROKEN)
    await org.policies.reload()
    for (const policies of [org.policies, await org.restarted()]) {
      expect(await policies.judge(READ)).toMatchObject(denying('agentcy.closed.deny'))
      expect(await policies.list(ORG)).toMatchObject({
        status: 'last_good',
        problems: [{ file: 'whatsapp', row: 5, column: 1, message: 'unexpected } token' }],
      })
      await expect(policies.confirm(ORG)).rejects.toMatchObject({ code: 'policy_refused' })
    }
  })

  it('that is broken with no good one before it denies everything, and says why', async () => {
    await using org = await policiesOf()
    await org.empty()
    await org.edit('whatsapp.rego', BROKEN)
    expect(await org.policies.judge(READ)).toMatchObject({
      verdict: 'deny',
      rule: null,
      reason: 'The policies are refused: whatsapp.rego:5:1: unexpected } token',
    })
    expect((await org.policies.list(ORG)).status).toBe('refused')
  })

  it('needs no compiler after a restart, nor when what was compiled of it is damaged, if there is one', async () => {
    await using org = await policiesOf()
    await org.policies.put(ORG, { name: 'closed', source: closed('closed') })
    expect(await (await org.restarted(MISSING)).judge(READ)).toMatchObject(denying('agentcy.closed.deny'))
    const compiled = join(org.folder(), '.compiled')
    const [set = ''] = await readdir(compiled)
    const [module = ''] = await readdir(join(compiled, set))
    await org.edit(join('.compiled', set, module), 'not a module')
    expect(await (await org.restarted()).judge(READ)).toMatchObject(denying('agentcy.closed.deny'))
  })

  it('is written without a compiler only as a bundle that somebody else compiled', async () => {
    await using org = await policiesOf(MISSING)
    const refused = org.policies.put(ORG, { name: 'closed', source: closed('closed') })
    await expect(refused).rejects.toMatchObject({
      code: 'policy_refused',
      message: expect.stringContaining('OPA_PATH') as string,
    })
  })

  it('may be a bundle, which decides beside the others', async () => {
    await using org = await policiesOf(MISSING)
    await org.policies.judge(READ)
    await bundleOf(closed('bundled'), join(org.folder(), 'shop.tar.gz'))
    await org.policies.reload()
    expect(await org.policies.judge(READ)).toMatchObject(denying('agentcy.bundled.deny'))
    expect((await org.policies.list(ORG)).policies).toContainEqual(
      expect.objectContaining({ name: 'shop', kind: 'bundle' }),
    )
    await org.policies.remove(ORG, 'shop')
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
  })

  it('is no bundle that calls what is not to be had here, or decides about something else', async () => {
    await using org = await policiesOf(MISSING)
    await org.policies.judge(READ)
    const file = join(org.folder(), 'shop.tar.gz')
    const asks = 'package agentcy.bundled\n\ndeny[msg] { http.send({"method": "get", "url": "x"}); msg := "x" }\n'
    for (const [source, entrypoint, message] of [
      [asks, 'agentcy/bundled/deny', 'Not to be had here: http.send.'],
      ['package shop\n\ndeny = true\n', 'shop/deny', 'Its entrypoint is not "agentcy"'],
    ] as const) {
      await bundleOf(source, file, entrypoint)
      await org.policies.reload()
      const { status, problems } = await org.policies.list(ORG)
      expect([status, problems[0]?.message]).toEqual(['last_good', expect.stringContaining(message)])
    }
  })

  it('is not asked while policies are off', async () => {
    await using org = await policiesOf(PACKAGED, false)
    expect(await org.policies.judge(WRITE)).toEqual({ verdict: 'unjudged' })
    expect((await org.policies.list(ORG)).status).toBe('off')
  })

  it('is not there: the built-in decision holds', async () => {
    await using org = await policiesOf()
    await org.empty()
    expect(await org.policies.judge(WRITE)).toEqual({ verdict: 'unjudged' })
    expect((await org.policies.list(ORG)).status).toBe('none')
  })

  it('denies a call that cannot even be asked about', async () => {
    await using org = await policiesOf()
    const unreadable = {
      ...READ,
      get action(): never {
        throw new Error('unreadable')
      },
    }
    expect(await org.policies.judge(unreadable)).toMatchObject({ verdict: 'deny' })
  })

  it('can be tried: the decision, every rule that denies, and how long it took', async () => {
    await using org = await policiesOf()
    await org.policies.put(ORG, { name: 'whatsapp', source: PAGE_POLICY })
    const input = {
      subject: { user_id: 'usr_1', org_id: ORG, role: 'viewer', channel: 'whatsapp' },
      action: 'chat.tool.execute',
      resource: { tool: 'service.restart', tool_effect: 'write' },
      context: { approval_granted: false, request_id: 'req_1' },
      env: { now: '2026-04-24T12:00:00Z' },
    } as never
    const trial = await org.policies.trial(ORG, input)
    expect(trial).toMatchObject({
      decision: 'approval_required',
      rules: [
        { rule: 'agentcy.connectors.deny', message: "a tool that changes something needs a person's approval" },
        { rule: 'agentcy.whatsapp.deny', message: 'writes from WhatsApp need an approval' },
      ],
      reason: null,
    })
    expect(trial.took_ms).toBeGreaterThan(0)
    await org.policies.put(ORG, { name: 'closed', source: closed('closed') })
    expect((await org.policies.trial(ORG, input)).decision).toBe('deny')
  })
})
