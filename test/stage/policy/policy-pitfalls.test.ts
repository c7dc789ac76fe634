import { describe, expect, it } from 'vitest'

import { policyTestRequest } from '../../../plugin/contract/api/policies.ts'
import { compile } from '../../../plugin/policy/compiler/compiler.ts'
import { Engine } from '../../../plugin/policy/engine.ts'
import { evaluate } from '../../../plugin/policy/evaluation.ts'
import { completed, inputOf } from '../../../plugin/policy/input.ts'
import { OpaBinary } from '../../../plugin/policy/compiler/opa-binary.ts'
import { PACKAGED, PAGE_POLICY, policiesOf } from '../../support/policy-folder.ts'
import { READ, WRITE } from '../../support/policies.ts'
import { given, ORG } from '../../support/store.ts'

const opa = new OpaBinary(PACKAGED)
const WRITES = inputOf(WRITE, new Date())
const READS = inputOf(READ, new Date())

const named = (sources: string[]) => sources.map((source, index) => ({ name: `p${index}`, source }))

async function engineOf(...sources: string[]): Promise<Engine> {
  const compiled = await compile(named(sources), opa)
  if (compiled.status === 'refused') throw new Error(JSON.stringify(compiled.problems))
  return Engine.of(compiled.module)
}

async function problemsOf(...sources: string[]) {
  const compiled = await compile(named(sources), opa)
  return compiled.status === 'refused' ? compiled.problems : []
}

describe('the pitfalls of Rego in WebAssembly', () => {
  it('1: an engine that threw, however often, judges the next input rightly', async () => {
    const engine = await engineOf(`package agentcy.x
      verdict := 1 { input.resource.tool_effect == "write" }
      verdict := 2 { input.resource.tool_effect == "write" }
      deny[msg] { verdict == 3; msg := "never" }`)
    for (let times = 0; times < 520; times += 1) {
      expect(evaluate([engine], WRITES).verdict).toMatchObject({ verdict: 'deny', rule: null })
    }
    expect(evaluate([engine], READS).verdict).toEqual({ verdict: 'allow' })
  })

  it('2: a field that no input has does not compile, and those that there are are always there', async () => {
    const misspelt = PAGE_POLICY.replace('subject.channel', 'subject.chanel')
    expect(await problemsOf(misspelt)).toEqual([
      { file: 'p0', row: 4, column: 3, message: 'undefined ref: input.subject.chanel' },
    ])
    const engine = await engineOf(`package agentcy.x
      deny[field] { some field; input.subject[field] == null; not optional[field] }
      optional := {"external_id", "api_key_id", "quoted_sender"}`)
    expect(engine.evaluate(WRITES)).toEqual([
      { path: 'agentcy', document: { x: { deny: [], optional: expect.anything() as unknown } } },
    ])
  })

  it('2: what an input leaves out when it is tried is filled in', async () => {
    await using org = await policiesOf()
    await org.empty()
    await org.policies.put(ORG, { name: 'whatsapp', source: PAGE_POLICY })
    const { input } = policyTestRequest.parse({ input: {} })
    expect((await org.policies.trial(ORG, completed(ORG, input))).decision).toBe('approval_required')
  })

  it('3: a builtin that is not to be had here is refused by its name before it is ever called', async () => {
    await using org = await policiesOf()
    for (const [call, builtin] of [
      ['time.now_ns() > 0', 'time.now_ns'],
      ['http.send({"method": "get", "url": "http://127.0.0.1"})', 'http.send'],
    ] as const) {
      const source = `package agentcy.x\n\ndeny[msg] { ${call}; msg := "x" }\n`
      const refused = org.policies.put(ORG, { name: 'x', source })
      await expect(refused).rejects.toMatchObject({
        code: 'policy_refused',
        message: `Not to be had here: ${builtin}.`,
      })
    }
    await org.policies.put(ORG, { name: 'x', source: 'package agentcy.x\n\ndeny[sprintf("%d", [1])] { false }\n' })
  })

  it('4: a file that imports rego.v1 compiles', async () => {
    const engine = await engineOf('package agentcy.x\n\nimport rego.v1\n\ndeny contains "no" if input.action == "x"\n')
    expect(evaluate([engine], WRITES).verdict).toEqual({ verdict: 'allow' })
  })

  it('5: three thousand rules load and decide', async () => {
    const rules = Array.from({ length: 3_000 }, (_, n) => `deny["no ${n}"] { input.resource.tool == "tool.n${n}" }`)
    const engine = await engineOf(`package agentcy.x\n\n${rules.join('\n')}\n`)
    const input = inputOf({ ...WRITE, resource: { ...WRITE.resource, tool: 'tool.n2999' } }, new Date())
    expect(evaluate([engine], input).verdict).toMatchObject({ verdict: 'deny', reason: 'no 2999' })
    expect(evaluate([engine], WRITES).verdict).toEqual({ verdict: 'allow' })
  })

  it('6: both versions of Rego may be mixed, and each file is told what is wrong by the rules of its own', async () => {
    const one = 'package agentcy.one\n\nimport data.agentcy.two\n\ndeny[msg] {\n  two.closed\n  msg := "zero"\n}\n'
    const two =
      'package agentcy.two\n\nclosed if input.action == "chat.tool.execute"\n\ndeny contains "one" if closed\n'
    const { denials } = evaluate([await engineOf(one, two)], WRITES)
    expect(denials.map(({ rule }) => rule)).toEqual(['agentcy.one.deny', 'agentcy.two.deny'])
    expect(await problemsOf('package agentcy.x\n\ndeny contains msg if {\n  msg := \n}\n')).toMatchObject([
      { row: 5, column: 1, message: 'unexpected } token' },
    ])
    expect(await problemsOf('package agentcy.x\n\ndeny[msg] {\n  some x in input\n}\n')).toMatchObject([{ row: 4 }])
  })

  it('7: whatever package below agentcy there is decides, and one that is elsewhere is refused', async () => {
    const engine = await engineOf('package agentcy.some.where.deep\n\ndeny["no"] { true }\n')
    expect(evaluate([engine], READS).verdict).toMatchObject({ rule: 'agentcy.some.where.deep.deny' })
    expect(await problemsOf('package other\n\ndeny["no"] { true }\n')).toEqual([
      {
        file: 'p0',
        row: null,
        column: null,
        message: 'package other is not agentcy nor below it, so nobody would ask it',
      },
    ])
  })

  it('8: a policy that takes all memory and time of the compiler is refused, and the one before stays in force', async () => {
    await using org = await policiesOf({ ...PACKAGED, limitMs: 2_000 })
    await org.policies.put(ORG, { name: 'whatsapp', source: PAGE_POLICY })
    const nested = `package agentcy.x\n\nx := ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`
    const refused = org.policies.put(ORG, { name: 'x', source: nested })
    await expect(refused).rejects.toMatchObject({
      code: 'policy_refused',
      message: expect.stringContaining('gave up') as string,
    })
    expect(await org.policies.judge(WRITE)).toMatchObject({ verdict: 'deny' })
    expect((await org.policies.list(ORG)).policies.map(({ name }) => name)).not.toContain('x')
  })
})

it("the documents' own rule stops tools that write from WhatsApp until somebody approves, and nothing else", async () => {
  const engine = await engineOf(PAGE_POLICY)
  const verdict = (question: typeof WRITE) => evaluate([engine], inputOf(question, new Date())).verdict.verdict
  expect(verdict(WRITE)).toBe('deny')
  expect(verdict(READ)).toBe('allow')
  expect(verdict({ ...WRITE, approvalGranted: true })).toBe('allow')
  expect(verdict({ ...WRITE, channel: 'api' })).toBe('allow')
  expect(verdict({ ...WRITE, action: 'channel.send' })).toBe('allow')
  expect(given(evaluate([engine], WRITES).denials[0]).rule).toBe('agentcy.whatsapp.deny')
})
