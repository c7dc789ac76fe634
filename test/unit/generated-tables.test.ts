import { expect, it } from 'vitest'

import { isCurrent, TABLES } from '../tables/generated-tables.ts'

it.each(TABLES)('the table of $name in $file is what the code makes of it (npm run tables)', table => {
  expect(isCurrent(table)).toBe(true)
})
