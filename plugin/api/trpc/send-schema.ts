import { z } from 'zod'

import { CAPTIONED, MEDIA_SOURCES } from '../../contract/api/media.ts'
import { ANSWERS, SAYABLE, sendRequest } from '../../contract/api/sends.ts'

/**
 * The JSON Schema 2020-12 of the body of send. Repeats the refinements of {@link sendRequest}, because the conversion leaves them
 * out.
 */
export function sendSchema(): Record<string, unknown> {
  const { properties, ...schema } = z.toJSONSchema(sendRequest, { io: 'input' })
  return {
    ...schema,
    title: 'What POST /api/v1/channels/whatsapp/send takes',
    properties: { ...properties, media: { ...Object(properties?.['media']), ...MEDIA_RULES } },
    dependentSchemas: {
      mentions: {
        anyOf: [needing('text'), { ...needing('media'), properties: { media: needing('caption') } }],
      },
      reply_to: { anyOf: ANSWERS.map(needing) },
    },
    oneOf: SAYABLE.map(name => ({ required: [name] })),
  }
}

/** Linters require each required property to be declared in the same schema. */
const needing = (name: string) => ({ properties: { [name]: {} }, required: [name] })

const MEDIA_RULES = {
  oneOf: MEDIA_SOURCES.map(name => ({ required: [name] })),
  dependentSchemas: { caption: { properties: { kind: { enum: CAPTIONED } } } },
}
