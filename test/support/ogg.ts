/** A packet of two bytes that is 120 ms of silence: six frames of 20 ms, none of which has a byte. */
export const SILENCE = Buffer.from([0xfb, 6])

/** What a sound in Opus begins with; `family` other than 0 has its channels mapped. */
export function opusHead(channels = 1, family = 0): Buffer {
  const head = Buffer.alloc(19)
  head.write('OpusHead')
  head.set([1, channels], 8)
  head.writeUInt32LE(48_000, 12)
  head[18] = family
  return family === 0 ? head : Buffer.concat([head, Buffer.from([channels, 0, ...Array(channels).keys()])])
}

export function opusTags(): Buffer {
  const tags = Buffer.alloc(16)
  tags.write('OpusTags')
  return tags
}

/** A page with these packets, each shorter than 255 bytes. */
export function oggPage(packets: readonly Buffer[], number: number, isFirst = number === 0): Buffer {
  const header = Buffer.alloc(27)
  header.write('OggS')
  header[5] = isFirst ? 2 : 0
  header.writeUInt32LE(1, 14)
  header.writeUInt32LE(number, 18)
  header[26] = packets.length
  const page = Buffer.concat([header, Buffer.from(packets.map(({ length }) => length)), ...packets])
  page.writeUInt32LE(checksumOf(page), 22)
  return page
}

/** A voice note of so many pages, each with 255 packets of two bytes: half a minute of sound in 0.8 kB. */
export const silentBomb = (pages: number): Buffer =>
  Buffer.concat([
    oggPage([opusHead()], 0),
    oggPage([opusTags()], 1),
    ...Array.from({ length: pages }, (_, at) => oggPage(Array<Buffer>(255).fill(SILENCE), at + 2)),
  ])

function checksumOf(page: Buffer): number {
  let sum = 0
  for (const byte of page) {
    sum = (sum ^ (byte << 24)) >>> 0
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum << 1) ^ ((sum & 0x80_00_00_00) === 0 ? 0 : 0x04_c1_1d_b7)) >>> 0
  }
  return sum
}
