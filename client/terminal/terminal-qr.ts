import { PNG } from 'pngjs'

const FINDER_MODULES = 7
const QUIET_MODULES = 2
const DARK_BELOW = 128
const BLACK_ON_WHITE = '\u001b[30;107m'
const PLAIN = '\u001b[0m'

type Picture = { readonly width: number; readonly data: Buffer }

/** The modules of a QR code in rows; true is dark. */
export type Modules = readonly (readonly boolean[])[]

function decodePicture(dataUrl: string): Picture {
  const [, base64] = dataUrl.split('base64,', 2)
  if (base64 === undefined) throw new TypeError('the picture is not a base64 data URL')
  return PNG.sync.read(Buffer.from(base64, 'base64'))
}

/**
 * Reads the modules of the QR code in a picture. The API sends only the picture. The finder pattern in its upper left corner is
 * seven modules wide, which gives the size of a module in pixels.
 */
export function readModules(dataUrl: string): Modules {
  const { width, data } = decodePicture(dataUrl)
  const isDark = (x: number, y: number) => (data[(y * width + x) * 4] ?? 255) < DARK_BELOW
  let first = 0
  while (first < width && !isDark(first, first)) first += 1
  let end = first
  while (end < width && isDark(end, first)) end += 1
  const pixels = (end - first) / FINDER_MODULES
  if (!Number.isInteger(pixels) || pixels === 0) throw new TypeError('the picture holds no QR code')
  const size = (width - 2 * first) / pixels
  const at = (module: number) => first + module * pixels + Math.floor(pixels / 2)
  return Array.from({ length: size }, (_row, y) => Array.from({ length: size }, (_cell, x) => isDark(at(x), at(y))))
}

function block(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀'
  return lower ? '▄' : ' '
}

/**
 * The QR code as lines of text, two rows of modules per line. With colour it is black on white, independent of the terminal's
 * colours. Without colour the light modules are drawn, since most terminals are dark.
 */
export function drawModules(modules: Modules, colour: boolean): string[] {
  const side = modules.length + 2 * QUIET_MODULES
  const isDark = (x: number, y: number) => modules[y - QUIET_MODULES]?.[x - QUIET_MODULES] ?? false
  const lines: string[] = []
  for (let y = 0; y < side; y += 2) {
    const cells = Array.from({ length: side }, (_cell, x) =>
      block(isDark(x, y) === colour, isDark(x, y + 1) === colour),
    )
    lines.push(colour ? `${BLACK_ON_WHITE}${cells.join('')}${PLAIN}` : cells.join(''))
  }
  return lines
}
