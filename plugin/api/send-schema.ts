import { z } from 'zod'

import { ANSWERS, SAYABLE, sendRequest } from '../contract/api-send.ts'

/**
 * JSON Schema 2020-12 of the body of send. What the refinements of {@link sendRequest} say is said again: JSON Schema is not
 * told about those.
 */
export function sendSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(sendRequest, { io: 'input' }),
    title: 'What POST /api/v1/channels/whatsapp/send takes',
    dependentRequired: { mentions: ['text'] },
    dependentSchemas: { reply_to: { anyOf: ANSWERS.map(name => ({ required: [name] })) } },
    oneOf: SAYABLE.map(name => ({ required: [name] })),
  }
}
