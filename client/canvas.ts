import { stripVTControlCharacters } from 'node:util'

import type { Stream } from './terminal.ts'

/** Draws lines. On a terminal they take the place of the ones before; where output is piped they follow them. */
export type Canvas = (lines: readonly string[]) => void

/** A canvas that begins where the cursor is. */
export function createCanvas(stream: Stream): Canvas {
  let rows = 0
  return lines => {
    if (stream.isTTY === true && rows > 0) stream.write(`\u001b[${rows}A\u001b[J`)
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
    rows = lines.reduce((sum, line) => sum + rowsOf(line, stream.columns), 0)
  }
}

/** How many rows of a terminal a line takes: one that is too wide goes on in the next. */
function rowsOf(line: string, columns: number | undefined): number {
  if (!columns) return 1
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns))
}
