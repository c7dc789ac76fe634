import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { kindTable } from '../support/kind-rows.ts'

it("the README's table of kinds is the one that the stories of kinds are told by", () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(kindTable().join('\n'))
})
