import { stripVTControlCharacters } from 'node:util'

import type { Stream } from './terminal.ts'

/** Draws lines. On a terminal they replace the lines drawn before; in piped output they follow them. */
export type Redraw = (lines: readonly string[]) => void

/** Returns a function that draws, first at the cursor. */
export function createRedraw(stream: Stream): Redraw {
  let rows = 0
  return lines => {
    if (stream.isTTY === true && rows > 0) stream.write(`\u001b[${rows}A\u001b[J`)
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
    rows = lines.reduce((sum, line) => sum + rowsOf(line, stream.columns), 0)
  }
}

/** How many terminal rows a line takes; a line that is too wide wraps. */
function rowsOf(line: string, columns: number | undefined): number {
  if (!columns) return 1
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns))
}
