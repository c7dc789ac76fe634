import { describe, expect, it } from 'vitest'

import { drawModules, readModules } from '../../../../client/terminal/terminal-qr.ts'
import { qrPicture } from '../../../../plugin/views/qr-picture.ts'
import { ON_DARK, ON_WHITE, scanLines } from '../../../support/terminal-code.ts'

const BLACK_ON_WHITE = '\u001b[30;107m'
const PLAIN = '\u001b[0m'

describe('a code in the terminal', () => {
  it.each([20, 120, 237, 400])(
    'reads as what was encoded, with %i characters, with colour and without',
    async length => {
      const code = '2@Abc/+,='.repeat(50).slice(0, length)
      const modules = readModules(await qrPicture(code))
      expect(scanLines(drawModules(modules, false), ON_DARK)).toBe(code)
      const coloured = drawModules(modules, true).map(line => {
        expect(line.startsWith(BLACK_ON_WHITE) && line.endsWith(PLAIN)).toBe(true)
        return line.slice(BLACK_ON_WHITE.length, -PLAIN.length)
      })
      expect(scanLines(coloured, ON_WHITE)).toBe(code)
    },
  )

  it('is about 300 pixels wide in the picture for a code as WhatsApp makes them', async () => {
    const modules = readModules(await qrPicture('2@Abc/+,='.repeat(50).slice(0, 237)))
    expect((modules.length + 4) * 5).toBeGreaterThan(250)
    expect((modules.length + 4) * 5).toBeLessThan(400)
  })

  it('is refused when the picture is none', async () => {
    expect(() => readModules('data:text/plain,x')).toThrow(TypeError)
  })
})
