import { crc32, deflateRawSync, deflateSync } from 'node:zlib'

const MIB = 2 ** 20

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** A small PNG that says it has so many pixels on each side: to be unpacked it takes gigabytes. */
export function hugePicture(side: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = deflateSync(Buffer.alloc(MIB))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** A GIF of one pixel that has so many pictures, of about 20 bytes each. */
export function longAnimation(pictures: number): Buffer {
  const screen = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255])
  const pause = [0x21, 0xf9, 4, 0, 1, 0, 0, 0]
  const pixel = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0]
  const picture = Buffer.from([...pause, ...pixel])
  return Buffer.concat([screen, ...Array<Buffer>(pictures).fill(picture), Buffer.from([0x3b])])
}

/** A document of a few kilobytes whose first part unpacks to so many megabytes. */
export function packedDocument(megabytes: number): Buffer {
  const name = Buffer.from('[Content_Types].xml')
  const plain = Buffer.alloc(megabytes * MIB, ' ')
  const packed = deflateRawSync(plain, { level: 9 })
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04_03_4b_50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(8, 8)
  header.writeUInt32LE(crc32(plain), 14)
  header.writeUInt32LE(packed.length, 18)
  header.writeUInt32LE(plain.length, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, name, packed])
}
