import { stripVTControlCharacters } from 'node:util'

import jsqr from 'jsqr'

const PIXELS = 4
const LIGHT = 255

/** Which halves of a character are light: on a dark terminal, and where the code is drawn black on white. */
export const ON_DARK = { '█': [LIGHT, LIGHT], '▀': [LIGHT, 0], '▄': [0, LIGHT], ' ': [0, 0] } as const
export const ON_WHITE = { '█': [0, 0], '▀': [0, LIGHT], '▄': [LIGHT, 0], ' ': [LIGHT, LIGHT] } as const

type Lit = Readonly<Record<string, readonly [number, number]>>

/** What a phone reads off lines of text; null when it finds no code. */
export function scanLines(lines: readonly string[], lit: Lit): string | null {
  const width = (lines[0]?.length ?? 0) * PIXELS
  const rows = lines.flatMap(line => [0, 1].map(half => Array.from(line, cell => lit[cell]?.[half] ?? 0)))
  const pixels = new Uint8ClampedArray(width * rows.length * PIXELS * 4)
  for (let index = 0; index < pixels.length / 4; index += 1) {
    const row = rows[Math.floor(index / width / PIXELS)]
    pixels.fill(row?.[Math.floor((index % width) / PIXELS)] ?? 0, index * 4, index * 4 + 4)
  }
  return jsqr.default(pixels, width, rows.length * PIXELS)?.data ?? null
}

/** What a phone reads off the last code that was printed whole; null when there is none. */
export function scanPrinted(printed: string, lit: Lit): string | null {
  const lines = stripVTControlCharacters(printed).split(/\r?\n/)
  const below = lines.findLastIndex(line => line.startsWith('This code is valid for'))
  const width = lines[below - 1]?.length ?? 0
  let top = below
  while (top > 0 && lines[top - 1]?.length === width && /^[█▀▄ ]+$/.test(lines[top - 1] ?? '')) top -= 1
  return below < 0 ? null : scanLines(lines.slice(top, below), lit)
}
