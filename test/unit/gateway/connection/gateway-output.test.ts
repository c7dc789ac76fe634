import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'

import type { LogFields } from '../../../../plugin/contract/host.ts'
import { createGatewayOutput } from '../../../../plugin/supervisor/child-output.ts'
import { plainLine } from '../../../../plugin/contract/plain-text.ts'
import { scrubbed } from '../../../../plugin/gateway/connection/baileys-log.ts'
import { HOSTILE, hiddenIn } from '../../../support/plain-texts.ts'

async function passed(...printed: string[]) {
  const lines: { level: string; fields: LogFields; event: string }[] = []
  const at = (level: string) => (fields: LogFields, event: string) => void lines.push({ level, fields, event })
  const log = { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const output = createGatewayOutput(log)
  const stream = new PassThrough()
  output.follow(stream)
  stream.end(printed.map(line => `${line}\n`).join(''))
  await finished(stream)
  return { lines, dropped: output.droppedLines() }
}

const line = (more: object) => JSON.stringify({ level: 30, gateway: true, event: 'connection', ...more })

describe("the gateway's output", () => {
  it('passes its structured lines on with the fields that they may have', async () => {
    const { lines, dropped } = await passed(
      line({ org: 'org_local', status: 'connected', session: { privKey: 'secret' }, text: 'hi' }),
    )
    expect(lines).toEqual([{ level: 'info', event: 'connection', fields: { org: 'org_local', status: 'connected' } }])
    expect(dropped).toBe(0)
  })

  it.each(HOSTILE)('hides nothing by %s', async (_, text) => {
    const { lines } = await passed(line({ kind: text, event: text }))
    for (const shown of [lines[0]?.fields['kind'], lines[0]?.event]) {
      expect(shown).toContain(plainLine(text))
      expect(hiddenIn(String(shown))).toBeNull()
    }
  })

  it('takes a line in any pieces, and the last one without its end', async () => {
    const events: string[] = []
    const at = (_: LogFields, event: string) => void events.push(event)
    const output = createGatewayOutput({ trace: at, debug: at, info: at, warn: at, error: at })
    const stream = new PassThrough()
    output.follow(stream)
    const bytes = Buffer.from(`${line({ event: 'één' })}\n${line({ event: 'two' })}\n${line({ event: 'three' })}`)
    for (const byte of bytes) stream.write(Buffer.from([byte]))
    stream.end()
    await finished(stream)
    expect([events, output.droppedLines()]).toEqual([['één', 'two', 'three'], 0])
  })

  it('counts and drops everything else', async () => {
    const strange = [
      'Closing session: SessionEntry {',
      '  privKey: <Buffer 01>',
      '',
      '{',
      'null',
      '[]',
      '{"level":30,"event":"x"}',
      line({ level: 99 }),
      line({ event: 7 }),
    ]
    const { lines, dropped } = await passed(...strange)
    expect(lines).toEqual([])
    expect(dropped).toBe(strange.length)
  })
})

describe("what is kept of Baileys' sentences", () => {
  it('holds no number and no key, and is short', () => {
    expect(scrubbed('812 pre-keys found on server')).toBe('812 pre-keys found on server')
    expect(scrubbed('Invalid LID-PN mapping: 77701123@lid, 972500000001@s.whatsapp.net')).not.toMatch(/\d{5}/)
    expect(scrubbed('key 3v9xQ0m1Zk7w+/aBcDeFgHiJkLmNoP==')).toBe('key •••')
    expect(scrubbed('a '.repeat(500))).toHaveLength(120)
  })
})
