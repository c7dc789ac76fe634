import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  mayGoAgain,
  nextStep,
  TOKEN_PATIENCE_MS,
  type Situation,
} from '../../../../plugin/gateway/outbound/second-transmission.ts'
import type { Refusal } from '../../../../plugin/gateway/tables/sent-messages.ts'

const AT = 1_000_000
const refusal = (change: Partial<Refusal> = {}): Refusal => ({
  code: 463,
  at: AT,
  mode: 'lid',
  carried: null,
  again: false,
  final: null,
  ...change,
})
const situation = (change: Partial<Situation> = {}): Situation => ({
  now: AT,
  modes: ['lid', 'pn'],
  token: null,
  isLocked: false,
  hasWritten: true,
  ...change,
})

const mode = fc.constantFrom('lid' as const, 'pn' as const)
const refusals = fc.record({
  code: fc.constantFrom(400, 421, 463, 479),
  at: fc.constant(AT),
  mode,
  carried: fc.constantFrom(null, 'one', 'two'),
  again: fc.constant(false),
  final: fc.constant(null),
})
const situations = fc.record({
  now: fc.integer({ min: AT - 60_000, max: AT + 60_000 }),
  modes: fc.constantFrom(['lid' as const], ['pn' as const], ['lid' as const, 'pn' as const]),
  token: fc.constantFrom(null, 'one', 'two'),
  isLocked: fc.boolean(),
  hasWritten: fc.boolean(),
})

describe('what comes of a refusal', () => {
  it('is of four codes alone', () => {
    fc.assert(fc.property(fc.integer(), code => mayGoAgain(code) === [400, 421, 463, 479].includes(code)))
  })

  it('is the other address at once, where no token is missing', () => {
    for (const code of [400, 421, 479]) {
      expect(nextStep(refusal({ code }), situation())).toEqual({ step: 'again', mode: 'pn' })
      expect(nextStep(refusal({ code, mode: 'pn' }), situation())).toEqual({ step: 'again', mode: 'lid' })
      expect(nextStep(refusal({ code }), situation({ modes: ['lid'] }))).toEqual({ step: 'final' })
    }
  })

  it('is the same address when a token came within ten seconds, and the other one when none did', () => {
    expect(nextStep(refusal(), situation())).toMatchObject({ step: 'wait' })
    const later = { now: AT + TOKEN_PATIENCE_MS - 1 }
    expect(nextStep(refusal(), situation(later))).toEqual({ step: 'wait', forMs: 1 })
    expect(nextStep(refusal(), situation({ ...later, token: 'one' }))).toEqual({ step: 'again', mode: 'lid' })
    const late = { now: AT + TOKEN_PATIENCE_MS }
    expect(nextStep(refusal(), situation(late))).toEqual({ step: 'again', mode: 'pn' })
    expect(nextStep(refusal(), situation({ ...late, modes: ['lid'] }))).toEqual({ step: 'final' })
  })

  it('is the other address at once when the token went along, and whoever never wrote is not waited for', () => {
    expect(nextStep(refusal({ carried: 'one' }), situation({ token: 'one' }))).toEqual({ step: 'again', mode: 'pn' })
    expect(nextStep(refusal({ carried: 'one' }), situation({ token: 'one', modes: ['lid'] }))).toMatchObject({
      step: 'wait',
    })
    expect(nextStep(refusal(), situation({ hasWritten: false }))).toEqual({ step: 'again', mode: 'pn' })
    expect(nextStep(refusal(), situation({ hasWritten: false, modes: ['lid'] }))).toEqual({ step: 'final' })
  })

  it('is nothing while the account is locked', () => {
    fc.assert(
      fc.property(refusals, situations, (refused, seen) => {
        const { step } = nextStep({ ...refused, code: 463 }, { ...seen, isLocked: true })
        expect(step).toBe('final')
      }),
    )
  })

  it('waits at most ten seconds in all, and never goes to an address that nobody has', () => {
    fc.assert(
      fc.property(refusals, situations, (refused, seen) => {
        const next = nextStep(refused, seen)
        if (next.step === 'again') expect([...seen.modes, refused.mode]).toContain(next.mode)
        if (next.step !== 'wait') return
        expect(next.forMs).toBeGreaterThan(0)
        expect(Math.max(0, seen.now - AT) + next.forMs).toBeLessThanOrEqual(TOKEN_PATIENCE_MS)
      }),
    )
  })

  it('is looked at no more than a dozen times', () => {
    let [now, looks] = [AT, 0]
    for (;;) {
      const next = nextStep(refusal(), situation({ now }))
      if (next.step !== 'wait') break
      now += next.forMs
      looks += 1
    }
    expect(looks).toBeLessThanOrEqual(12)
  })
})
