import jsQR from 'jsqr'
import { PNG } from 'pngjs'

const pngPrefix = 'data:image/png;base64,'

/** Reads a QR code from its picture, as a phone's camera does; undefined if the picture contains none. */
export function readQrPicture(dataUrl: string): string | undefined {
  if (!dataUrl.startsWith(pngPrefix)) return undefined
  const { data, width, height } = PNG.sync.read(Buffer.from(dataUrl.slice(pngPrefix.length), 'base64'))
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data
}
