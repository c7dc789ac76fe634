import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { packageRoot } from '../../../../plugin/files/package-root.ts'
import { Engine } from '../../../../plugin/policy/engine.ts'
import { inputOf } from '../../../../plugin/policy/input.ts'
import { MeteredEngine } from '../../../../plugin/policy/metering/metered-engine.ts'
import { READ, WRITE } from '../../../support/policies.ts'

const STARTER = readFileSync(join(packageRoot(), 'plugin', 'policy', 'starter', 'starter.wasm'))
const PLENTY = 4_000_000
const NOW = new Date('2026-07-01T12:00:00Z')
/** The starters say of it what `sprintf` puts together, which is not offered where instructions are counted. */
const FORMATTED = { ...READ, resource: { ...READ.resource, tool: 'shell.execute' } }

describe('metered policies', () => {
  it('say what they say without a count', async () => {
    const engine = await MeteredEngine.of(STARTER)
    const uncounted = Engine.of(STARTER)
    const questions = fc.record({
      role: fc.constantFrom('owner', 'admin', 'member', 'viewer'),
      tool: fc.oneof(fc.constantFrom('shell.execute', 'service.restart'), fc.string({ unit: 'grapheme' })),
      tool_effect: fc.constantFrom('read', 'write'),
      approvalGranted: fc.boolean(),
      more: fc.jsonValue(),
    })
    fc.assert(
      fc.property(questions, ({ role, approvalGranted, ...resource }) => {
        const input = inputOf({ ...READ, role, resource: { ...READ.resource, ...resource }, approvalGranted }, NOW)
        const isFormatted = role === 'viewer' && resource.tool === 'shell.execute'
        if (isFormatted) expect(() => engine.evaluate(input, { left: PLENTY })).toThrow('not offered here')
        else expect(engine.evaluate(input, { left: PLENTY })).toEqual(uncounted.evaluate(input))
      }),
      { numRuns: 150 },
    )
  })

  it('take the same from a budget for the same input, and nothing when they have none', async () => {
    const engine = await MeteredEngine.of(STARTER)
    const spent = [READ, WRITE, READ, READ].map(question => {
      const budget = { left: PLENTY }
      engine.evaluate(inputOf(question, NOW), budget)
      return PLENTY - budget.left
    })
    expect(spent[2]).toBe(spent[0])
    expect(spent[3]).toBe(spent[0])
    expect(spent[0]).toBeGreaterThan(1_000)
    const tight = { left: spent[0] ?? 0 }
    expect(engine.evaluate(inputOf(READ, NOW), tight)).toHaveLength(1)
    expect(tight.left).toBe(0)
    expect(() => engine.evaluate(inputOf(READ, NOW), tight)).toThrow('unreachable')
  })

  it('answer again after they were broken off', async () => {
    const engine = await MeteredEngine.of(STARTER)
    const fine = engine.evaluate(inputOf(READ, NOW), { left: PLENTY })
    for (const left of [0, 10, 1_000, 10_000]) {
      expect(() => engine.evaluate(inputOf(READ, NOW), { left })).toThrow('unreachable')
      expect(() => engine.evaluate(inputOf(FORMATTED, NOW), { left: PLENTY })).toThrow('not offered here')
      expect(engine.evaluate(inputOf(READ, NOW), { left: PLENTY })).toEqual(fine)
    }
  })
})
