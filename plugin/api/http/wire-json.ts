import { ChannelError } from '../../contract/errors/errors.ts'

const PLAIN = 'Inputs are plain JSON: send {"json": …} and nothing beside it.'
/** How superjson encodes a call without input. */
const ABSENT = 'undefined'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isAbsence(meta: unknown): boolean {
  if (!isRecord(meta)) return false
  const { values, v: _version, ...others } = meta
  const [only, ...more] = Array.isArray(values) ? (values as unknown[]) : []
  return only === ABSENT && more.length === 0 && Object.keys(others).length === 0
}

/** Takes the input out of its envelope, without interpreting it. @throws ChannelError `bad_request` */
function opened(envelope: unknown): unknown {
  if (envelope === undefined) return undefined
  if (!isRecord(envelope)) throw new ChannelError('bad_request', PLAIN)
  const { json, meta, ...others } = envelope
  if (Object.keys(others).length > 0) throw new ChannelError('bad_request', PLAIN)
  if (meta === undefined) return json
  if (json === null && isAbsence(meta)) return undefined
  throw new ChannelError('bad_request', PLAIN)
}

const enveloped = (value: unknown): unknown => ({ json: value })

/**
 * The wire format of inputs and outputs: JSON in `{"json": …}`, as superjson writes plain JSON, so that superjson clients work.
 * Inputs are never expanded: `meta`, which could request that, is refused.
 */
export const WIRE_JSON = {
  input: { serialize: enveloped, deserialize: opened },
  output: {
    serialize: enveloped,
    deserialize: (envelope: unknown): unknown => (isRecord(envelope) ? envelope['json'] : undefined),
  },
}
