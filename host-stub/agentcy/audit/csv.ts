import { csvCell } from '../../../plugin/contract/plain-text.ts'

/** A line of RFC 4180, of plain texts that no program takes for formulas. */
export const csvLine = (values: readonly (string | number | null)[]): string =>
  `${values.map(value => csvCell(String(value ?? ''))).join(',')}\r\n`
