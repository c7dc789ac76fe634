import { open } from 'node:fs/promises'

import { fileTypeFromBuffer } from 'file-type'

/** The type is recognized by the beginning of a file. */
const HEAD_BYTES = 65_536

/** The media type detected from the bytes of a file; null if unknown. Used by the host's process and by the gateway. */
export async function sniffedType(path: string): Promise<string | null> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    const type = await fileTypeFromBuffer(buffer.subarray(0, bytesRead)).catch(() => undefined)
    return type?.mime ?? null
  } finally {
    await file.close()
  }
}
