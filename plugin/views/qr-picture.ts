import { toDataURL } from 'qrcode'

/** Whole pixels a module, so that the picture can be read back module by module; about 300 pixels wide for a pairing code. */
const MODULE_PIXELS = 5
const QUIET_MODULES = 2

/** The code as a PNG data URL. Neither the code nor the picture is kept. */
export async function qrPicture(code: string): Promise<string> {
  return toDataURL(code, { type: 'image/png', scale: MODULE_PIXELS, margin: QUIET_MODULES })
}
