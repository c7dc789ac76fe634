import { expect, it } from 'vitest'

import { evaluate } from '../../../plugin/policy/evaluation.ts'
import { inputOf } from '../../../plugin/policy/input.ts'
import { READ } from '../../support/policies.ts'

const saying = (document: unknown) => ({ evaluate: () => [{ path: 'agentcy', document }] })
const silent = saying({ whatsapp: { deny: [] } })
const INPUT = inputOf(READ, new Date())

it('policies allow when all that were loaded have something in them and none denies', () => {
  expect(evaluate([silent, silent], INPUT).verdict).toEqual({ verdict: 'allow' })
})

it('policies of which one has nothing in it deny, and so do none at all', () => {
  for (const engines of [[silent, saying({})], [saying({}), silent], []]) {
    expect(evaluate(engines, INPUT).verdict).toMatchObject({ verdict: 'deny', reason: 'No policy is loaded.' })
  }
})
