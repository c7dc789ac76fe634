import { toDataURL } from 'qrcode'

/** Whole pixels per module, so that the picture can be read back module by module. A pairing code is about 300 pixels wide. */
const MODULE_PIXELS = 5
const QUIET_MODULES = 2

/** The code as a PNG data URL. Neither the code nor the picture is stored. */
export async function qrPicture(code: string): Promise<string> {
  return toDataURL(code, { type: 'image/png', scale: MODULE_PIXELS, margin: QUIET_MODULES })
}
