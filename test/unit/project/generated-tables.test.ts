import { expect, it } from 'vitest'

import { isCurrent, TABLES } from '../../tables/generated-tables.ts'

it.each(TABLES)('what $file says of $name is what the code makes of it (npm run tables)', table => {
  expect(isCurrent(table)).toBe(true)
})
