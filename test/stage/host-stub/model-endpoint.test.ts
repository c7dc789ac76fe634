import { describe, expect, it } from 'vitest'

import { MODEL_KEY, talkWith } from '../../support/assistant.ts'
import {
  END,
  type Script,
  breaks,
  calls,
  endless,
  hangs,
  modelEndpoint,
  refuses,
  says,
  saysPiece,
  streams,
} from '../../support/model-endpoint.ts'
import { ALICE, given, textFrom } from '../../support/store.ts'

const STATUS = { name: 'service_status', arguments: '{}' }

describe('an endpoint that misbehaves', () => {
  it.each<[string, Script]>([
    ['is overloaded', refuses(503)],
    ['wants to be asked later', refuses(429, { 'retry-after': '0' })],
    ['breaks the line', breaks()],
    ['breaks it before a word has come', breaks(': hello\n\n')],
    ['ends without a word', streams(': hello\n\n')],
  ])('and %s is asked again', async (_, first) => {
    await using talk = await talkWith([first, first, says('There you are.')])
    await talk.receive(textFrom(ALICE, 'hello'))
    await talk.line('turn ended')
    await expect.poll(() => talk.gateway.texts).toEqual(['There you are.'])
    expect(talk.endpoint.asked).toHaveLength(3)
    expect(talk.hostLines.map(({ event }) => event)).toEqual(['host.model_failed', 'host.model_failed'])
  })

  const begun = saysPiece('Half of')
  it.each<[string, Script, string]>([
    ['does not know the key', refuses(401), 'http_401'],
    ['wants to be left alone for long', refuses(503, { 'retry-after': '31' }), 'http_503'],
    ['breaks off', breaks(begun), 'cut_off'],
    ['ends in the middle', streams(begun), 'cut_off'],
    ['sends a page', streams('<html>502</html>\n\n'), 'cut_off'],
    ['sends what is no JSON', streams('data: {"choices":[{"del\n\n'), 'bad_stream'],
    ['sends another shape', streams('data: {"choices":[{"delta":{"content":7}}]}\n\n'), 'bad_stream'],
    ['says that it failed', streams(begun, 'data: {"error":{"message":"the secret of the endpoint"}}\n\n'), 'refused'],
    ['calls too many tools', calls(...Array.from({ length: 9 }, () => STATUS)), 'too_long'],
    ['writes a book', streams(saysPiece('x'.repeat(32_001)), END), 'too_long'],
    ['writes endless arguments', calls({ ...STATUS, arguments: `"${'x'.repeat(20_000)}"` }), 'too_long'],
  ])('and %s fails the attempt, of which nobody in the chat hears', async (_, script, code) => {
    await using talk = await talkWith([script])
    await talk.receive(textFrom(ALICE, 'a private text'))
    expect((await talk.line('turn failed')).fields).toMatchObject({ code: 'step_failed', status: 'queued' })
    const failed = given(talk.hostLines[0])
    expect(failed).toMatchObject({ event: 'host.model_failed', fields: { code, turn: talk.seen[0]?.id } })
    expect(talk.gateway.texts).toEqual([])
    const logged = JSON.stringify([...talk.lines, ...talk.hostLines])
    for (const word of [MODEL_KEY, 'a private text', 'Half of', 'secret of the endpoint', talk.endpoint.url])
      expect(logged).not.toContain(word)
  })

  it('and sends a page instead of a stream is no model', async () => {
    await using talk = await talkWith([response => void response.end('<html>hello</html>')])
    await talk.receive(textFrom(ALICE, 'hello'))
    await talk.line('turn failed')
    expect(talk.hostLines[0]).toMatchObject({ fields: { code: 'bad_stream', retry_ms: null } })
  })

  it('and leads elsewhere is not followed there with the key', async () => {
    await using elsewhere = await modelEndpoint()
    const leads = refuses(307, { location: elsewhere.url })
    await using talk = await talkWith([leads, leads, leads])
    await talk.receive(textFrom(ALICE, 'hello'))
    await talk.line('turn failed')
    expect(elsewhere.asked).toEqual([])
  })

  it('and says nothing is given up after a while, and asked again', async () => {
    await using talk = await talkWith([hangs(), hangs(), hangs()], { firstByteMs: 30 })
    await talk.receive(textFrom(ALICE, 'hello'))
    await talk.line('turn failed')
    expect(talk.hostLines.map(({ fields }) => fields['code'])).toEqual(['silent', 'silent', 'silent'])
  })

  it('and falls silent in the middle is given up, and nothing of it is said', async () => {
    await using talk = await talkWith([hangs(saysPiece('Half of'))], { idleMs: 300 })
    await talk.receive(textFrom(ALICE, 'hello'))
    await talk.line('turn failed')
    expect(talk.hostLines.map(({ fields }) => fields)).toMatchObject([{ code: 'stalled', retry_ms: null }])
    expect(talk.gateway.texts).toEqual([])
  })

  it.each([
    ['words', saysPiece('word '.repeat(20)), 2],
    ['comments', `: ${'x'.repeat(1_000)}\n\n`, 8],
    ['one line', 'x'.repeat(1_000), 2],
    ['pieces that say nothing', `data: {"choices":[],"x":"${'x'.repeat(1_000)}"}\n\n`, 8],
  ])('and never ends is cut off: %s', async (_, chunk, megabytes) => {
    let cut: (bytes: number) => void = () => undefined
    const bytes = new Promise<number>(resolve => (cut = resolve))
    await using talk = await talkWith([endless(chunk, cut), refuses(400)])
    await talk.receive(textFrom(ALICE, 'hello'))
    await talk.line('turn failed')
    expect(talk.hostLines[0]).toMatchObject({ fields: { code: 'too_long', retry_ms: null } })
    // What lies in the sockets' buffers was sent as well.
    expect(await bytes).toBeLessThan((megabytes + 8) * 1_048_576)
  })

  it('is let go of when the turn is over', async () => {
    let left = (): void => undefined
    const gone = new Promise<void>(resolve => (left = resolve))
    await using talk = await talkWith([
      async response => {
        await hangs()(response)
        left()
      },
    ])
    await talk.receive(textFrom(ALICE, 'hello'))
    await expect.poll(() => talk.endpoint.asked).toHaveLength(1)
    await talk.turns.close()
    await gone
    expect(talk.hostLines).toEqual([])
  })
})
