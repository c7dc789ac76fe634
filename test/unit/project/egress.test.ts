import { expect, it } from 'vitest'

import { foreignIn } from '../../support/egress.ts'

it('Q12 tells what leads away from this machine from what does not', () => {
  expect(foreignIn(['connect 127.0.0.1', 'connect 127.0.0.2', 'connect ::1', 'lookup localhost'])).toEqual([])
  const foreign = ['connect 10.0.0.1', 'connect 93.184.216.34', 'connect 2606:4700::1', 'lookup mmg.whatsapp.net']
  expect(foreignIn(foreign)).toEqual(foreign)
})
