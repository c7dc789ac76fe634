import { describe, expect, it } from 'vitest'
import { wordingsOf } from '../../../plugin/formatting/agent-reply.ts'
import { worded } from '../../support/worded.ts'

it('lets others have something done between its pieces and between its messages, and not at all when it is one', async () => {
  const paused = async (text: string): Promise<[pauses: number, parts: number]> => {
    let pauses = 0
    const parts = await wordingsOf(text, () => Promise.resolve(void (pauses += 1)))
    return [pauses, parts?.length ?? 0]
  }
  expect(await paused('short')).toEqual([0, 1])
  const [pauses, parts] = await paused('word '.repeat(30_000))
  expect(parts).toBeGreaterThan(30)
  expect(pauses).toBeGreaterThan(parts)
})

describe('what an agent replies', () => {
  it('is Markdown, unless it says that it is not', async () => {
    expect(await worded('**yes**')).toEqual([{ text: '*yes*' }])
    expect(await worded({ text: '**yes**', plain: true })).toEqual([{ text: '**yes**' }])
  })

  it('is Markdown in a caption and in an edit too', async () => {
    const media = { kind: 'document', artifact_id: 'art_1', caption: '**yes**' } as const
    expect(await worded({ media })).toEqual([{ media: { ...media, caption: '*yes*' } }])
    expect(await worded({ media, plain: true })).toEqual([{ media }])
    const edit = { message_id: 'msg_1', text: '# Yes' }
    expect(await worded({ edit })).toEqual([{ edit: { ...edit, text: '*Yes*' } }])
  })

  it('is nothing when it is nothing but blanks', async () => {
    for (const blank of ['', ' \n ', { text: ' ', plain: true }]) expect(await worded(blank)).toEqual([])
  })

  it('answers with the first of its parts alone', async () => {
    const parts = (await worded({ text: 'word '.repeat(2_000), plain: true, reply_to: 'msg_1' })) ?? []
    expect(parts.map(({ reply_to: to }) => to)).toEqual(['msg_1', undefined, undefined])
  })

  it('is read in pieces when it is very long, and nothing of it is lost', async () => {
    const letters = 150_000
    for (const unit of ['**b** and _i_\n\n', 'word ', '😀', 'x']) {
      const text = unit.repeat(letters / unit.length)
      for (const plain of [true, false]) {
        const said = ((await worded({ text, plain })) ?? []).map(part => part.text ?? '')
        expect(Math.max(...said.map(({ length }) => length))).toBeLessThanOrEqual(4_096)
        const lettersOf = (all: string): string => all.replaceAll(/[\s*\u200B]/g, '')
        expect(lettersOf(said.join('')) === lettersOf(text)).toBe(true)
        expect(said.some(part => /[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/.test(part))).toBe(false)
      }
    }
  })

  it('may bring a file that the host has, or its bytes', async () => {
    const artifact = { media: { kind: 'document', artifact_id: 'art_1', caption: 'the report' } } as const
    expect(await worded(artifact)).toEqual([artifact])
    const bytes = { media: { kind: 'image', data: 'AAAA' } } as const
    expect(await worded(bytes)).toEqual([bytes])
  })

  it.each<[string, object]>([
    ['has a file fetched', { media: { kind: 'image', url: 'https://files.example/x?secret=1' } }],
    ['says two things', { text: 'a', poll: { question: 'b', options: ['c', 'd'] } }],
    ['says nothing', {}],
    ['captions a voice note', { media: { kind: 'voice', data: 'AAAA', caption: 'x' } }],
  ])('is not said when it %s', async (_, reply) => {
    expect(await worded(reply)).toBeNull()
  })
})
