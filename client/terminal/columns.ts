import { stripVTControlCharacters } from 'node:util'

const GAP = '  '
const widthOf = (cell: string): number => Array.from(stripVTControlCharacters(cell)).length

/** Formats rows as lines with aligned columns. The first row is the heading. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_heading, at) => Math.max(...rows.map(row => widthOf(row[at] ?? ''))))
  return rows.map(row =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell)))
      .join(GAP)
      .trimEnd(),
  )
}
