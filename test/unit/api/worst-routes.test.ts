import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { WORST_ROUTES } from '../../support/worst-routes.ts'

/** The calls of plugin/api/README.md that the host or nobody's procedure answers, without their query. */
function callsWithoutProcedure(): string[] {
  const readme = readFileSync(new URL('../../../plugin/api/README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(\w+ \/[^`]*?)(?:\?[^`]*)?` +\| (the host's|–) +\|/gm)]
  return rows.map(([, call = '']) => call)
}

it('T5: each call without a procedure has a worst input', () => {
  const calls = callsWithoutProcedure()
  expect(calls.length).toBeGreaterThan(8)
  expect(Object.keys(WORST_ROUTES).toSorted()).toEqual(calls.toSorted())
})
