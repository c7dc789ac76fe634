import { describe, expect, it } from 'vitest'

import { partsOf } from '../../../plugin/web/hooks/address-parts.ts'

describe('the address of a view', () => {
  it('names what a link to it named', () => {
    expect(partsOf(`bindings/new/${encodeURIComponent('a/b 50%')}`)).toEqual(['bindings', 'new', 'a/b 50%'])
  })

  it('names something as well when somebody wrote it wrongly', () => {
    expect(partsOf('messages/%')).toEqual(['messages', '%'])
    expect(partsOf('channels/%E0%A4%A/%41')).toEqual(['channels', '%E0%A4%A', 'A'])
  })
})
