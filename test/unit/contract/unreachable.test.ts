import { expect, it } from 'vitest'

import { unreachable } from '../../../plugin/contract/errors/unreachable.ts'
import { UNREACHABLE_REASONS } from '../../../plugin/contract/errors/error-details.ts'
import { errorBody } from '../../../plugin/api/http/error-shape.ts'

it.each(UNREACHABLE_REASONS)('%s: the body names the reason, and a sentence of its own says what to do', reason => {
  const { error } = errorBody(unreachable(reason), 'req_1')
  expect(error).toMatchObject({ code: 'gateway_unreachable', reason })
  expect(error.message).toMatch(/^[A-Z].*\. .*\.$/)
})

it('a sentence that says more takes the place of the one of its reason', () => {
  const { error } = errorBody(unreachable('not_started', 'The folder is open to others.'), 'req_1')
  expect(error).toEqual({
    code: 'gateway_unreachable',
    message: 'The folder is open to others.',
    request_id: 'req_1',
    reason: 'not_started',
  })
})
