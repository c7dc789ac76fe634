import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { packageRoot } from '../../../../plugin/files/package-root.ts'
import { INSTRUCTIONS_LEFT, metered } from '../../../../plugin/policy/metering/metered-module.ts'
import { NotMetered } from '../../../../plugin/policy/metering/wasm-reader.ts'
import { moduleOf } from '../../../support/wasm-module.ts'

const STARTER = readFileSync(join(packageRoot(), 'plugin', 'policy', 'starter', 'starter.wasm'))
const [END, LOOP, BLOCK, EMPTY] = [0x0b, 0x03, 0x02, 0x40]

const exportsOf = (module: Uint8Array) => new WebAssembly.Instance(new WebAssembly.Module(module), {}).exports

function run(body: readonly number[], instructions: number, variables = 0) {
  const exports = exportsOf(metered(moduleOf(body, variables), 1_000))
  const counter = exports[INSTRUCTIONS_LEFT] as WebAssembly.Global
  counter.value = instructions
  const call = exports['run'] as (given: number) => number
  return { call, left: () => counter.value }
}

/** while (given) given -= 1 */
const COUNT_DOWN = [LOOP, EMPTY, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, END, 0x41, 7, END]
/** for ever */
const ENDLESS = [LOOP, EMPTY, 0x0c, 0, END, 0x41, 7, END]
/** calls itself for ever */
const RECURSIVE = [0x20, 0, 0x10, 0, END]

describe('a metered module', () => {
  it('pays for a function when it begins, and for a loop in each round', () => {
    const { call, left } = run(COUNT_DOWN, 1_000)
    // loop, i32.const, end; six and an end a round.
    for (const [rounds, spent] of [
      [1, 3 + 6],
      [10, 3 + 60],
    ] as const) {
      const before = left()
      expect(call(rounds)).toBe(7)
      expect(before - left()).toBe(spent)
    }
  })

  it.each([
    ['a loop', ENDLESS],
    [
      'a loop in a block in a loop',
      [LOOP, EMPTY, BLOCK, EMPTY, ...ENDLESS.slice(0, 5), END, 0x0c, 0, END, 0x41, 7, END],
    ],
    ['calls', RECURSIVE],
  ])('ends when nothing is left: %s', (_, body) => {
    const { call, left } = run(body, 5_000)
    expect(() => call(1)).toThrow('unreachable')
    expect(left()).toBeLessThan(0)
  })

  it('does what fits exactly, and nothing more', () => {
    expect(run(COUNT_DOWN, 9).call(1)).toBe(7)
    expect(() => run(COUNT_DOWN, 8).call(1)).toThrow('unreachable')
  })

  it('pays for the variables that a function begins with', () => {
    const { call, left } = run([0x41, 7, END], 1_000, 500)
    expect(call(1)).toBe(7)
    expect(left()).toBe(1_000 - 2 - 500)
  })
})

describe('what could take long without being counted is refused', () => {
  it.each([
    ['filling memory', [0x41, 0, 0x41, 0, 0x41, 1, 0xfc, 0x0b, 0, 0x41, 7, END]],
    ['copying memory', [0x41, 0, 0x41, 0, 0x41, 1, 0xfc, 0x0a, 0, 0, 0x41, 7, END]],
    ['an instruction of the vector proposal', [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0), 0x1a, 0x41, 7, END]],
    ['an instruction that nobody knows', [0xe0, 0x41, 7, END]],
    ['something behind the end', [0x41, 7, END, 0x01]],
  ])('%s', (_, body) => {
    expect(() => metered(moduleOf(body), 1_000)).toThrow(NotMetered)
  })
})

it('a module that is cut off or changed is refused, or it is counted: nothing else', () => {
  const cut = fc.integer({ min: 0, max: STARTER.length - 1 })
  fc.assert(
    fc.property(cut, fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, by, isCut) => {
      const changed = isCut ? STARTER.subarray(0, at) : Uint8Array.from(STARTER)
      if (!isCut) changed[at] = (STARTER[at] ?? 0) ^ by
      try {
        expect(metered(changed, 1_000).length).toBeGreaterThan(changed.length)
      } catch (error) {
        expect(error).toBeInstanceOf(NotMetered)
      }
    }),
    { numRuns: 60 },
  )
})
