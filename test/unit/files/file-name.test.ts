import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { safeFileName } from '../../../plugin/files/file-name.ts'
import { HOSTILE, hiddenIn, READABLE } from '../../support/plain-texts.ts'

const pieces = [...HOSTILE, ...READABLE].flatMap(([, text]) => [text, ...Array.from(text)])
const strange = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map(parts => parts.join(''))

describe('the name of a file that a stranger sends', () => {
  it.each([
    ['plan.pdf', 'plan.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\win.ini', 'win.ini'],
    ['.bashrc', 'bashrc'],
    ['a\u0000b.txt', 'ab.txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['line\nbreak.txt', 'linebreak.txt'],
    ['what?.txt', 'what_.txt'],
    ['דוח שנתי.pdf', 'דוח שנתי.pdf'],
    ['👍.png', '👍.png'],
    ['می\u200Cخواهم.pdf', 'می\u200Cخواهم.pdf'],
    ['invoice.pdf\u3164\u2800.exe', 'invoice.pdf.exe'],
    ['', null],
    ['..', null],
    ['dir/', null],
    [undefined, null],
  ])('%j is %j', (written, safe) => {
    expect(safeFileName(written)).toBe(safe)
  })

  it('keeps its extension when it is too long', () => {
    expect(safeFileName(`${'n'.repeat(300)}.docx`)).toBe(`${'n'.repeat(115)}.docx`)
    expect(safeFileName(`a.${'x'.repeat(300)}`)).toHaveLength(120)
  })

  it('is never a path, hidden, unseen or long, and safe once it is made safe', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), strange), written => {
        const safe = safeFileName(written)
        if (safe === null) return
        expect(Array.from(safe).length).toBeLessThanOrEqual(120)
        expect(safe).not.toMatch(/[/\\\n\t]|^\.|^\s|\s$/u)
        expect(hiddenIn(safe)).toBeNull()
        expect(safeFileName(safe)).toBe(safe)
      }),
    )
  })
})
