/** A position in a protobuf: where a field's value, or the next field, begins. */
type Cursor = { readonly bytes: Uint8Array; position: number }

const VARINT = 0
const FIXED_64 = 1
const DELIMITED = 2
const FIXED_32 = 5
const LONGEST_VARINT = 10

/**
 * The bytes of the last field with this number, in a message that Baileys' own types do not fully describe; null when there is
 * none, or what comes before it is not a protobuf.
 */
export function bytesField(bytes: Uint8Array, wanted: number): Uint8Array | null {
  const cursor: Cursor = { bytes, position: 0 }
  let found: Uint8Array | null = null
  while (cursor.position < bytes.length) {
    const tag = varint(cursor)
    if (tag === null) return found
    const [field, type] = [Math.floor(tag / 8), tag % 8]
    const value = type === DELIMITED ? delimited(cursor) : skipped(cursor, type)
    if (value === null) return found
    if (field === wanted && type === DELIMITED) found = value
  }
  return found
}

/** Null when it is cut off, or longer than any number. */
function varint(cursor: Cursor): number | null {
  let value = 0
  for (let index = 0; index < LONGEST_VARINT; index += 1) {
    const byte = cursor.bytes[cursor.position]
    if (byte === undefined) return null
    cursor.position += 1
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return value
  }
  return null
}

function delimited(cursor: Cursor): Uint8Array | null {
  const size = varint(cursor)
  return size === null ? null : taken(cursor, size)
}

function skipped(cursor: Cursor, type: number): Uint8Array | null {
  if (type === VARINT) return varint(cursor) === null ? null : new Uint8Array()
  if (type === FIXED_64) return taken(cursor, 8)
  return type === FIXED_32 ? taken(cursor, 4) : null
}

function taken(cursor: Cursor, size: number): Uint8Array | null {
  const end = cursor.position + size
  if (end > cursor.bytes.length) return null
  const value = cursor.bytes.subarray(cursor.position, end)
  cursor.position = end
  return value
}
