import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { csvLine } from '../../../host-stub/agentcy/audit/audit-csv.ts'
import { plainText } from '../../../plugin/contract/plain-text.ts'
import { readCsv } from '../../support/csv-reader.ts'

const MARKS = ['＝', '\u200B', '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', "'", ' ']
/** Texts in which everything that matters here is frequent. */
const cells = fc.array(fc.string({ unit: fc.constantFrom(...MARKS, 'a', 'é', '0', '😀') }), {
  minLength: 2,
  maxLength: 6,
})
/** What a spreadsheet calculates. */
const isFormula = (cell: string): boolean => '=+-@＝＋－＠\t\r'.includes(cell.slice(0, 1)) && cell !== ''

describe('a line of CSV', () => {
  it.each([
    [['a', 1, null], 'a,1,\r\n'],
    [['a,b', 'say "yes"', 'two\r\nlines'], '"a,b","say ""yes""","two\nlines"\r\n'],
    [['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'], `'=1+1,'+1,'-1,'@SUM(A1),'\tx,\\u{d}x\r\n`],
    [['=HYPERLINK("http://evil.example","x")'], `"'=HYPERLINK(""http://evil.example"",""x"")"\r\n`],
    [['a=b', "'=1"], `a=b,'=1\r\n`],
  ])('of %j is %j', (values, line) => {
    expect(csvLine(values)).toBe(line)
  })

  it('reads back as what was written, but for the quote before a formula', () => {
    fc.assert(
      fc.property(fc.array(cells, { minLength: 1, maxLength: 5 }), rows => {
        const guarded = rows.map(row => row.map(plainText).map(cell => (isFormula(cell) ? `'${cell}` : cell)))
        expect(readCsv(rows.map(row => csvLine(row)).join(''))).toEqual(guarded)
      }),
    )
  })

  it('holds no cell that is a formula', () => {
    fc.assert(
      fc.property(cells, row => {
        expect(readCsv(csvLine(row)).flat().filter(isFormula)).toEqual([])
      }),
    )
  })
})
