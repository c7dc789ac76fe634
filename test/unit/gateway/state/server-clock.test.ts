import { expect, it } from 'vitest'

import { createServerClock } from '../../../../plugin/gateway/state/server-clock.ts'

const TODAY = Date.UTC(2026, 0, 5, 9)
const MONTH_MS = 2_592_000_000

/** A machine of which the clock can be set, and the time that passes on it. */
function machine(at: number) {
  const state = { at, passed: 0 }
  const clock = createServerClock(
    () => state.at,
    () => state.passed,
  )
  const pass = (ms: number): void => {
    state.at += ms
    state.passed += ms
  }
  return { state, clock, pass, login: (t: string) => clock.heard({ tag: 'success', attrs: { t } }) }
}

const secondsOf = (at: number): string => String(Math.floor(at / 1_000))

it('goes by the machine until the server has spoken, and by the server then', () => {
  const { clock, login, pass } = machine(TODAY - MONTH_MS)
  expect(clock.now()).toBe(TODAY - MONTH_MS)
  login(secondsOf(TODAY))
  pass(1_500)
  expect(clock.now()).toBe(TODAY + 1_500)
})

it('keeps the milliseconds of a machine that is right', () => {
  const { clock, login } = machine(TODAY + 777)
  login(secondsOf(TODAY))
  expect(clock.now()).toBe(TODAY + 777)
})

it('does not jump with the machine', () => {
  const { state, clock, login, pass } = machine(TODAY)
  login(secondsOf(TODAY))
  state.at += MONTH_MS
  pass(10)
  expect(clock.now()).toBe(TODAY + 10)
  login(secondsOf(TODAY + 1_000))
  expect(clock.now()).toBe(TODAY + 1_000)
})

it.each(['', '0', 'noon'])('takes %j for no time at all', t => {
  const { clock, login } = machine(TODAY)
  login(t)
  expect(clock.now()).toBe(TODAY)
})
