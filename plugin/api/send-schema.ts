import { z } from 'zod'

import { sendRequest } from '../contract/api.ts'

/**
 * JSON Schema 2020-12 of the body of send. `oneOf` says what the refinement of {@link sendRequest} says: JSON Schema is
 * not told about refinements.
 */
export function sendSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(sendRequest, { io: 'input' }),
    title: 'What POST /api/v1/channels/whatsapp/send takes',
    oneOf: [{ required: ['text'] }, { required: ['reaction'] }],
  }
}
