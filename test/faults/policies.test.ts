import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { Turn } from '../../plugin/contract/host.ts'
import { parseOrgId } from '../../plugin/contract/ids.ts'
import type { Engine } from '../../plugin/policy/engine.ts'
import { evaluate } from '../../plugin/policy/evaluation.ts'
import { inputOf } from '../../plugin/policy/input.ts'
import { MISSING, PACKAGED, PAGE_POLICY, policiesOf } from '../support/policy-folder.ts'
import { READ, WRITE } from '../support/policies.ts'
import { ALICE, given, linkedStore, ORG, textFrom } from '../support/store.ts'
import { matched, running } from '../support/turns.ts'

const engineThat = (document: unknown): Engine =>
  ({ evaluate: () => [{ path: 'agentcy', document }] }) as unknown as Engine

describe('F59: policies that cannot be asked', () => {
  it.each([
    ['an empty document', {}],
    ['the string "true"', 'true'],
    ['a number', 1],
    ['nothing', null],
    ['a list', []],
    ['a deny that is a text', { x: { deny: 'true' } }],
    ['a deny that is null', { x: { deny: null } }],
  ])('deny when they answer with %s', (_, document) => {
    expect(evaluate([engineThat(document)], inputOf(READ, new Date())).verdict.verdict).toBe('deny')
  })

  it('deny when they take too long', () => {
    const slow = engineThat({ x: { deny: [] } })
    const clock = [0, 1_001, 1_001]
    const now = performance.now.bind(performance)
    performance.now = () => clock.shift() ?? now()
    try {
      expect(evaluate([slow], inputOf(READ, new Date())).verdict).toMatchObject({ verdict: 'deny', rule: null })
    } finally {
      performance.now = now
    }
  })

  it('deny when none is loaded', () => {
    expect(evaluate([], inputOf(READ, new Date())).verdict).toMatchObject({ verdict: 'deny', rule: null })
  })

  it('deny when there is no compiler and nothing that was compiled before', async () => {
    await using org = await policiesOf(MISSING)
    await org.empty()
    await org.edit('whatsapp.rego', PAGE_POLICY)
    expect(await org.policies.judge(READ)).toMatchObject({ verdict: 'deny', rule: null })
  })

  it('deny when a bundle is not one, or has another entrypoint', async () => {
    await using org = await policiesOf()
    await org.empty()
    await org.edit('shop.tar.gz', 'no bundle')
    expect(await org.policies.judge(READ)).toMatchObject({ verdict: 'deny', rule: null })
    expect((await org.policies.list(ORG)).problems).toMatchObject([{ file: 'shop' }])
  })

  it('deny when their folder is open to others, or is a file', async () => {
    await using org = await policiesOf()
    await org.empty()
    await chmod(org.folder(), 0o755)
    expect(await org.policies.judge(READ)).toMatchObject({
      verdict: 'deny',
      reason: expect.stringContaining('chmod 0700') as string,
    })
    await rm(org.folder(), { recursive: true })
    await writeFile(org.folder(), '')
    expect(await (await org.restarted()).judge(READ)).toMatchObject({ verdict: 'deny', rule: null })
  })

  it("are the org's own: two orgs whose names differ only in case share no folder on any file system", async () => {
    await using org = await policiesOf()
    const [small, large] = ['my-bot', 'My-Bot'].map(name => given(parseOrgId(name)))
    await org.policies.put(given(large), { name: 'whatsapp', source: PAGE_POLICY })
    await expect(org.policies.find(given(small), 'whatsapp')).rejects.toMatchObject({ code: 'not_found' })
    const folders = await readdir(join(org.folder(), '..'))
    expect(new Set(folders.map(name => name.toLowerCase())).size).toBe(2)
  })

  it('deny when an input lacks what says on whose behalf it is', async () => {
    await using org = await policiesOf(PACKAGED)
    expect(await org.policies.judge({ ...READ, user: '' })).toMatchObject({ rule: 'agentcy.deny' })
    expect(await org.policies.judge({ ...READ, requestId: '' })).toMatchObject({ rule: 'agentcy.deny' })
  })

  it('leave the turn running: the agent hears that it was refused, and the chat gets its answer', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'status'))
    async function* agent(turn: Turn) {
      const outcome = await turn.step({ tool: 'service.status', effect: 'read', arguments: {} }, () =>
        Promise.resolve('up'),
      )
      yield outcome.outcome === 'refused' ? `refused: ${outcome.decision.reason}` : 'done'
    }
    const judge = () => Promise.reject(new Error('down'))
    await using turns = await running(opened.store, agent, { judge })
    await turns.line('turn ended')
    expect(turns.said.map(({ text }) => text)).toEqual(['refused: it could not be decided'])
    expect(given(turns.lines.find(({ event }) => event === 'tool call judged')).fields).toMatchObject({
      decision: 'deny',
    })
  })
})

it('a write asked again once it is approved is judged by what the policies say then', async () => {
  await using org = await policiesOf()
  await org.policies.put(ORG, { name: 'whatsapp', source: PAGE_POLICY })
  expect(await org.policies.judge({ ...WRITE, approvalGranted: true })).toEqual({ verdict: 'allow' })
})
