const CAPTURE = Buffer.from('OggS')
const HEADER_BYTES = 27
/** This byte is the number of a page's parts; their lengths follow it. */
const PARTS_AT = 26
/** A part of this length continues in the next one. */
const FULL_PART = 255
/** The packets that describe the encoding and its author. Read as sound, they would have more frames than are allowed. */
const HEAD = Buffer.from('OpusHead')
const TAGS = Buffer.from('OpusTags')
const [CHANNELS_AT, FAMILY_AT] = [9, 18]

/** The samples of a frame at 48 kHz, by the five bits that tell how a packet is coded (RFC 6716, 3.1). */
const FRAME_SAMPLES = [480, 960, 1920, 2880]
const SHORT_FRAME_SAMPLES = [120, 240, 480, 960]

/** A page of a sound: its bytes as they are, and the packets that begin on it. */
export type Page = { readonly bytes: Buffer; readonly packets: readonly Buffer[] }

/** The pages of an Ogg file, up to the first bytes that are no page; each is at most 64 kB. */
export async function* pagesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Page> {
  let rest: Buffer = Buffer.alloc(0)
  let continued = false
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    for (let length = lengthOf(rest); length !== null; length = lengthOf(rest)) {
      if (length === 0) return
      const bytes = rest.subarray(0, length)
      const { packets, isOpen } = packetsIn(bytes, continued)
      yield { bytes, packets }
      continued = isOpen
      rest = rest.subarray(length)
    }
  }
}

/** The length of the page at the start of these bytes; null when it is not complete, 0 when it is not a page. */
function lengthOf(bytes: Buffer): number | null {
  if (!CAPTURE.subarray(0, bytes.length).equals(bytes.subarray(0, CAPTURE.length))) return 0
  const parts = bytes[PARTS_AT]
  if (parts === undefined || bytes.length < HEADER_BYTES + parts) return null
  const length = bytes
    .subarray(HEADER_BYTES, HEADER_BYTES + parts)
    .reduce((sum, part) => sum + part, HEADER_BYTES + parts)
  return bytes.length < length ? null : length
}

function packetsIn(page: Buffer, continued: boolean): { packets: Buffer[]; isOpen: boolean } {
  const lengths = page.subarray(HEADER_BYTES, HEADER_BYTES + (page[PARTS_AT] ?? 0))
  const packets: Buffer[] = []
  let [from, isOpen] = [HEADER_BYTES + lengths.length, continued]
  for (const length of lengths) {
    if (!isOpen) packets.push(page.subarray(from, from + length))
    isOpen = length === FULL_PART
    from += length
  }
  return { packets, isOpen }
}

/** How many samples a packet decodes to, whatever its length: a packet of two bytes may be 120 ms of sound. */
export function samplesIn(packet: Buffer): number {
  const [coding, count = 0] = packet
  if (coding === undefined || begins(packet, HEAD) || begins(packet, TAGS)) return 0
  const [configuration, frames] = [coding >> 3, [1, 2, 2, count & 0x3f][coding & 3] ?? 0]
  return frames * frameOf(configuration)
}

function frameOf(configuration: number): number {
  if (configuration < 12) return FRAME_SAMPLES[configuration % 4] ?? 0
  if (configuration < 16) return FRAME_SAMPLES[configuration % 2] ?? 0
  return SHORT_FRAME_SAMPLES[configuration % 4] ?? 0
}

const begins = (packet: Buffer, word: Buffer): boolean => packet.subarray(0, word.length).equals(word)

/** Whether a packet announces sound with more than two channels. There may be 255, each with samples of its own. */
export const isCrowded = (packet: Buffer): boolean =>
  begins(packet, HEAD) && ((packet[CHANNELS_AT] ?? 0) > 2 || packet[FAMILY_AT] !== 0)
