import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { MESSAGE_TYPES } from '../../../../plugin/gateway/kinds/message-types.ts'
import { KIND_ROWS, kindTable, ROWS_OF, TOLD_OTHERWISE } from '../../../support/kind-rows.ts'
import { typeNames } from '../../../support/message-descriptor.ts'

const kinds = KIND_ROWS.map(({ kind }) => kind)

it('the table of kinds is the one that the stories of kinds are told by', () => {
  const readme = readFileSync(new URL('../../../../plugin/api/kinds.md', import.meta.url), 'utf8')
  expect(readme).toContain(kindTable().join('\n'))
})

it('every type of message that Baileys knows is in a row of it, but what stands beside one', () => {
  expect(Object.keys(ROWS_OF).toSorted()).toEqual(typeNames().toSorted())
  const without = Object.entries(ROWS_OF).flatMap(([type, rows]) => (rows.length === 0 ? [type] : []))
  const aside = Object.entries(MESSAGE_TYPES).flatMap(([type, { is }]) => (is === 'aside' ? [type] : []))
  expect(without.toSorted()).toEqual(aside.toSorted())
})

it('every row of it is of a type, but what WhatsApp tells of otherwise', () => {
  const typed = new Set(Object.values(ROWS_OF).flat())
  expect([...typed].filter(kind => !kinds.includes(kind))).toEqual([])
  expect(kinds.filter(kind => !typed.has(kind)).toSorted()).toEqual(TOLD_OTHERWISE.toSorted())
})
